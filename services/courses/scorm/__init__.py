"""Reading SCORM packages (1.2 and 2004) and their run-time data; knows nothing of courses."""

from services.courses.scorm.data import Report, report_of
from services.courses.scorm.package import Package, PackageProblem, read_package

__all__ = ["Package", "PackageProblem", "Report", "read_package", "report_of"]
