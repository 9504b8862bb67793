"""Entry points of the surveys service, one mixin per area; service.py puts them together."""
