"""Small SCORM packages of our own, for tests."""

from __future__ import annotations

import io
import zipfile

HEAD_12 = (
    '<?xml version="1.0"?><manifest identifier="m" version="1.2" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" '
    'xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2"><metadata><schema>ADL SCORM</schema>'
    "<schemaversion>1.2</schemaversion></metadata>"
)
HEAD_2004 = (
    '<?xml version="1.0"?><manifest identifier="m" version="1" xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" '
    'xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_v1p3" xmlns:imsss="http://www.imsglobal.org/xsd/imsss">'
    "<metadata><schema>ADL SCORM</schema><schemaversion>2004 3rd Edition</schemaversion></metadata>"
)
PAGE_12 = """<!doctype html><html lang="en"><meta charset="utf-8"><title>One</title><h1>One page</h1>
<p id="said"></p><button id="half">Half</button><button id="done">Done</button>
<script>
function find(w) { for (let i = 0; w && i < 9; i++) { if (w.API) return w.API; w = w.parent === w ? null : w.parent; } }
const api = find(window);
api.LMSInitialize('');
document.getElementById('said').textContent = 'at ' + api.LMSGetValue('cmi.core.lesson_location')
  + ' data ' + api.LMSGetValue('cmi.suspend_data') + ' entry ' + api.LMSGetValue('cmi.core.entry');
document.getElementById('half').onclick = () => {
  api.LMSSetValue('cmi.core.lesson_location', 'page-2');
  api.LMSSetValue('cmi.suspend_data', 'kept');
  api.LMSCommit('');
};
document.getElementById('done').onclick = () => {
  api.LMSSetValue('cmi.core.score.min', '0'); api.LMSSetValue('cmi.core.score.max', '10');
  api.LMSSetValue('cmi.core.score.raw', '8');
  api.LMSSetValue('cmi.core.lesson_status', 'passed');
  api.LMSCommit(''); api.LMSFinish('');
};
</script></html>"""
PAGE_2004 = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Two</title><h1>Page of 2004</h1>
<p id="said"></p><button id="done">Done</button>
<script src="../_shared/api.js"></script>
<script>
api.Initialize('');
document.getElementById('said').textContent = 'at ' + api.GetValue('cmi.location') + location.search;
document.getElementById('done').onclick = () => {
  api.SetValue('cmi.location', 'end');
  api.SetValue('cmi.score.scaled', '0.5');
  api.SetValue('cmi.success_status', 'failed');
  api.SetValue('cmi.completion_status', 'completed');
  api.Commit(''); api.Terminate('');
};
</script></html>"""
SHARED = (
    """let w = window; while (!w.API_1484_11 && w.parent !== w) w = w.parent; const api = w.API_1484_11;"""
)


def packed(files: dict[str, str | bytes]) -> bytes:
    """A zip of files by their own names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def manifest_12(items: str = "", resources: str = "", organisations: str | None = None) -> str:
    items = items or '<item identifier="i1" identifierref="r1"><title>One</title></item>'
    resources = (
        resources or '<resource identifier="r1" type="webcontent" adlcp:scormtype="sco" href="one.html"/>'
    )
    found = organisations or (
        f'<organizations default="o"><organization identifier="o"><title>Small course</title>{items}</organization>'
        "</organizations>"
    )
    return f"{HEAD_12}{found}<resources>{resources}</resources></manifest>"


def scorm_12() -> bytes:
    """One page, passed with 8 of 10."""
    return packed({"imsmanifest.xml": manifest_12(), "one.html": PAGE_12})


def scorm_2004() -> bytes:
    """A heading with two items; a folder whose name begins with an underscore; parameters; a mastery of 0.7."""
    sequencing = (
        '<imsss:sequencing><imsss:objectives><imsss:primaryObjective satisfiedByMeasure="true">'
        "<imsss:minNormalizedMeasure>0.7</imsss:minNormalizedMeasure></imsss:primaryObjective></imsss:objectives>"
        "</imsss:sequencing>"
    )
    items = (
        '<item identifier="h"><title>Part</title>'
        f'<item identifier="a" identifierref="r" parameters="?mode=a"><title>First</title>{sequencing}</item>'
        '<item identifier="b" identifierref="r"><title>Second</title></item></item>'
        '<item identifier="hidden" identifierref="r" isvisible="false"><title>Hidden</title></item>'
    )
    manifest = (
        f'{HEAD_2004}<organizations><organization identifier="o"><title>Two items</title>{items}</organization>'
        '</organizations><resources xml:base="sco/"><resource identifier="r" type="webcontent" adlcp:scormType="sco" '
        'xml:base="sco/" href="two.html"/></resources></manifest>'
    )
    return packed({"imsmanifest.xml": manifest, "sco/two.html": PAGE_2004, "_shared/api.js": SHARED})
