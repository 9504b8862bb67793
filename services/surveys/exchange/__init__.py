"""Instruments in and out: Cercle's own JSON, and XLSForm workbooks."""
