"""Common long passwords, made by rule instead of copied from a leak.

People who must reach twelve characters take a short favourite and repeat it, join two of them, walk over the
keyboard, or add a year and a mark. So the list is built the way people build them: BASES (favourites in both
languages and of this platform), every ordered pair of the most frequent of them, the bases doubled and tripled,
and keyboard or alphabet walks. A password is looked up whole and as its base: without case, accents and
letter-like signs (`p4$$w0rd` -> `password`), and without up to eight digits and marks at either end.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import product

_FREQUENT = """
password passwort motdepasse azerty qwerty welcome bienvenue bonjour hello admin administrateur administrator login
letmein secret soleil sunshine monkey dragon master football hockey canada canadien quebec montreal toronto ottawa
vancouver halifax winnipeg calgary iloveyou jetaime princess princesse doudou loulou chouchou amour amoureux love
family famille maison house summer winter spring autumn printemps automne hiver travail ottawa work office bureau
change changeme default temporaire temporary cercle circle learning formation user test demo guest invite superman
batman pokemon starwars freedom liberte shadow computer ordinateur internet google facebook
"""

_MORE = """
abcdef abc abcd asdf asdfgh zxcv zxcvbn qwertyuiop azertyuiop qazwsx january february march april may june july
august september october november december janvier fevrier mars avril mai juin juillet aout septembre octobre
novembre decembre monday tuesday wednesday thursday friday saturday sunday lundi mardi mercredi jeudi vendredi samedi
dimanche baseball basketball soccer canadiens mapleleafs senators nordiques jets flames oilers canucks nothing
whatever trustno trustnoone access passw passwd passe code codesecret secrete topsecret monmotdepasse lemotdepasse
mypassword thepassword yourpassword newpassword nouveaumotdepasse oldpassword password12 michael jennifer jessica
thomas nicolas alexandre maxime mathieu julie marie marieeve sophie isabelle nathalie francois jerome sebastien
chocolat chocolate coffee cafe poutine maple erable sirop castor caribou orignal poisson chaton minou toutou chien
chat doggy kitty tiger tigre lion cheval horse butterfly papillon fleur flower rainbow etoile star lumiere light
happy heureux bonheur happiness merci thankyou please welcomehome service support helpdesk assistance manager
directeur director coordinator coordinateur trainer formateur learner apprenant practitioner praticien prevention
violence extremism extremisme radicalisation community communaute safety securite security police hospital hopital
"""

_WALKS = (
    "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "azertyuiopqsdfghjklmwxcvbn",
    "1234567890123456789012345678901234567890", "0987654321098765432109876543210987654321",
    "1q2w3e4r5t6y7u8i9o0p", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "qazwsxedcrfvtgbyhnujm", "q1w2e3r4t5y6u7i8o9p0",
    "zyxwvutsrqponmlkjihgfedcba", "1a2z3e4r5t6y7u8i9o0p", "poiuytrewqlkjhgfdsamnbvcxz",
)  # fmt: skip

_LETTER_LIKE = str.maketrans("013457@$!€", "oieastasie")
_ENDS = re.compile(r"^[\W\d_]{0,8}(.*?)[\W\d_]{0,8}$", re.DOTALL)


def _walks(shortest: int = 6) -> set[str]:
    return {
        walk[start:end]
        for walk in _WALKS
        for start in range(len(walk))
        for end in range(start + shortest, len(walk) + 1)
    }


def _build() -> frozenset[str]:
    frequent, more = _FREQUENT.split(), _MORE.split()
    bases = {*frequent, *more}
    pairs = {first + second for first, second in product(frequent, repeat=2)}
    repeated = {base * times for base in bases for times in (2, 3)}
    return frozenset(bases | pairs | repeated | _walks())


COMMON = _build()
"""More than seven thousand bases and passwords, folded to lower case without accents."""


def is_common(password: str) -> bool:
    """True when `password`, or its base, is one that many people choose."""
    return any(form in COMMON or _is_repeated(form) for form in _forms(_plain(password)))


def _plain(password: str) -> str:
    text = unicodedata.normalize("NFKD", password.casefold())
    return "".join(c for c in text if not unicodedata.combining(c) and not c.isspace())


def _forms(text: str) -> set[str]:
    match = _ENDS.match(text)
    base = match.group(1) if match else text
    found = {text, text.translate(_LETTER_LIKE), base, base.translate(_LETTER_LIKE)}
    return {form for form in found if form}


def _is_repeated(text: str) -> bool:
    """One to four characters over and over, such as `aaaaaaaaaaaa` or `ab1ab1ab1ab1`."""
    return any(
        len(text) >= 3 * size and text == (text[:size] * len(text))[: len(text)] for size in range(1, 5)
    )
