"""The web server put together, started and ended. Imported by the command line."""
