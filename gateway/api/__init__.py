"""The REST API: operations generated from their contracts, messages, catalogue, health."""

from gateway.api.app import create_app

__all__ = ["create_app"]
