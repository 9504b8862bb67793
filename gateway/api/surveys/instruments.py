"""REST of the surveys service. Instruments: elements, versions, item bank, templates, import and export."""
