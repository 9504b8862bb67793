"""Payloads. Instruments: elements, versions, item bank, templates, import and export."""
