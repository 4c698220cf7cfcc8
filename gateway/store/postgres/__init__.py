"""The message store on PostgreSQL: any number of gateway processes share one database."""
