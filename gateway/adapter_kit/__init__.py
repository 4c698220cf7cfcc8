"""What an adapter's author gets for free: generated documents, laws, and a suite to run them."""
