"""What every service and the gateway need. Knows no service."""
