"""The command line. It speaks HTTP only and never imports the daemon."""
