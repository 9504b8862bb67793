"""Entry points of the courses service, one mixin per area; service.py puts them together."""
