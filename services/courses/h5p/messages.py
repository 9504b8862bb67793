"""Message catalogue: code -> template in French and in English.

A template names only the parameters that the problem carries; the entry's path is added by `PLACE`.
"""

from __future__ import annotations

from typing import Final

PLACE: Final = {"fr": "«\u00a0{path}\u00a0»\u00a0: {text}", "en": "“{path}”: {text}"}


def _pair(fr: str, en: str) -> dict[str, str]:
    return {"fr": fr.replace("« ", "«\u00a0").replace(" »", "\u00a0»"), "en": en}


_ARCHIVE = {
    "extension-wrong": _pair(
        "Le nom du fichier doit se terminer par .h5p.", "The file name must end in .h5p."
    ),
    "package-too-large": _pair(
        "Le fichier pèse {size} octets; la limite est de {limit} octets.",
        "The file is {size} bytes; the limit is {limit} bytes.",
    ),
    "archive-unreadable": _pair(
        "Le fichier n’est pas une archive zip lisible.", "The file is not a readable zip archive."
    ),
    "too-many-entries": _pair(
        "L’archive contient {count} entrées; la limite est de {limit}.",
        "The archive holds {count} entries; the limit is {limit}.",
    ),
    "unpacked-too-large": _pair(
        "Une fois décompressée, l’archive dépasse la limite de {limit} octets.",
        "Unpacked, the archive exceeds the limit of {limit} bytes.",
    ),
    "entry-too-large": _pair(
        "Ce fichier, une fois décompressé, dépasse la limite de {limit} octets.",
        "Unpacked, this file exceeds the limit of {limit} bytes.",
    ),
    "compression-ratio": _pair(
        "Ce fichier se décompresse à plus de {limit} fois sa taille, comme une bombe zip.",
        "This file unpacks to more than {limit} times its size, as a zip bomb does.",
    ),
    "entry-size-mismatch": _pair(
        "La taille annoncée ({declared} octets) n’est pas la taille réelle.",
        "The announced size ({declared} bytes) is not the real size.",
    ),
    "entry-corrupt": _pair(
        "Ce fichier est endommagé et ne peut pas être lu.", "This file is damaged and cannot be read."
    ),
    "entry-encrypted": _pair(
        "Ce fichier est chiffré; les archives protégées sont refusées.",
        "This file is encrypted; protected archives are refused.",
    ),
    "compression-unsupported": _pair(
        "La méthode de compression de ce fichier n’est pas acceptée.",
        "The compression method of this file is not accepted.",
    ),
    "symlink": _pair("Les liens symboliques sont refusés.", "Symbolic links are refused."),
    "special-file": _pair(
        "Seuls les fichiers ordinaires et les dossiers sont acceptés.",
        "Only regular files and folders are accepted.",
    ),
    "nested-archive": _pair(
        "Une archive à l’intérieur de l’archive est refusée.", "An archive inside the archive is refused."
    ),
    "malware-named": _pair(
        "L’antivirus a reconnu un logiciel malveillant dans ce paquet\u00a0: {name}.",
        "The virus scanner found malicious software in this package: {name}.",
    ),
    "scan-impossible": _pair(
        "L’antivirus ne répond pas; le paquet n’a pas été examiné. Réessayez plus tard.",
        "The virus scanner does not answer; the package was not examined. Try again later.",
    ),
    "malware-found": _pair(
        "Ce fichier porte la signature d’un logiciel malveillant.",
        "This file carries the signature of malicious software.",
    ),
}
_PATHS = {
    "path-absolute": _pair("Le chemin doit être relatif.", "The path must be relative."),
    "path-traversal": _pair(
        "Le chemin sort du dossier de l’archive.", "The path leaves the archive’s folder."
    ),
    "path-backslash": _pair(
        "Le chemin contient une barre oblique inverse.", "The path contains a backslash."
    ),
    "path-invalid": _pair(
        "Le chemin contient un caractère ou un segment interdit.",
        "The path contains a forbidden character or segment.",
    ),
    "path-too-long": _pair(
        "Le chemin dépasse {limit} caractères.", "The path is longer than {limit} characters."
    ),
    "path-too-deep": _pair(
        "Le chemin compte plus de {limit} niveaux.", "The path has more than {limit} levels."
    ),
    "entry-duplicate": _pair(
        "Ce nom figure plus d’une fois dans l’archive.", "This name appears more than once in the archive."
    ),
    "path-collision": _pair(
        "Ce nom ne se distingue de « {other} » que par la casse, ou nomme à la fois un fichier et un dossier.",
        "This name differs from “{other}” by case alone, or names both a file and a folder.",
    ),
}
_CONTENT = {
    "h5p-json-missing": _pair("Le fichier h5p.json est absent.", "The file h5p.json is missing."),
    "h5p-json-invalid": _pair(
        "Ce fichier ne contient pas un objet JSON valide.", "This file does not hold a valid JSON object."
    ),
    "h5p-json-field-missing": _pair(
        "Le champ obligatoire {field} est absent.", "The required field {field} is missing."
    ),
    "h5p-json-field-invalid": _pair(
        "La valeur du champ {field} n’est pas valide.", "The value of the field {field} is not valid."
    ),
    "main-library-not-listed": _pair(
        "La bibliothèque principale {library} ne figure pas dans preloadedDependencies.",
        "The main library {library} is not listed in preloadedDependencies.",
    ),
    "content-json-missing": _pair(
        "Le fichier content/content.json est absent.", "The file content/content.json is missing."
    ),
    "content-json-invalid": _pair(
        "Ce fichier ne contient pas un objet JSON valide.", "This file does not hold a valid JSON object."
    ),
    "content-extension-not-allowed": _pair(
        "Les fichiers de type « {extension} » ne sont pas acceptés dans le contenu.",
        "Files of type “{extension}” are not accepted in content.",
    ),
    "json-too-large": _pair(
        "Ce fichier JSON dépasse la limite de {limit} octets.",
        "This JSON file exceeds the limit of {limit} bytes.",
    ),
}
_LIBRARY = {
    "library-folder-name-invalid": _pair(
        "Ce nom de dossier de bibliothèque n’est pas valide.", "This library folder name is not valid."
    ),
    "library-folder-mismatch": _pair(
        "Le dossier doit porter le nom de la bibliothèque qu’il contient, {library}.",
        "The folder must be named after the library it holds, {library}.",
    ),
    "library-duplicate": _pair(
        "La bibliothèque {library} se trouve dans plus d’un dossier.",
        "The library {library} is in more than one folder.",
    ),
    "library-json-missing": _pair(
        "Ce dossier ne contient pas de fichier library.json.", "This folder holds no library.json file."
    ),
    "library-json-invalid": _pair(
        "Ce fichier ne contient pas un objet JSON valide.", "This file does not hold a valid JSON object."
    ),
    "library-field-missing": _pair(
        "Le champ obligatoire {field} est absent.", "The required field {field} is missing."
    ),
    "library-field-invalid": _pair(
        "La valeur du champ {field} n’est pas valide.", "The value of the field {field} is not valid."
    ),
    "library-file-missing": _pair(
        "Le fichier {file}, exigé par library.json, est absent.",
        "The file {file}, required by library.json, is missing.",
    ),
    "library-semantics-invalid": _pair(
        "Le fichier semantics.json ne contient pas une liste JSON valide.",
        "The file semantics.json does not hold a valid JSON list.",
    ),
    "library-language-name-invalid": _pair(
        "Ce nom de fichier de langue n’est pas valide.", "This language file name is not valid."
    ),
    "library-language-invalid": _pair(
        "Ce fichier de langue ne contient pas un objet JSON valide.",
        "This language file does not hold a valid JSON object.",
    ),
    "library-core-api-unsupported": _pair(
        "La bibliothèque {library} demande l’interface H5P {required}; cette plateforme offre {available}.",
        "The library {library} needs H5P interface {required}; this platform offers {available}.",
    ),
    "library-extension-not-allowed": _pair(
        "Les fichiers de type « {extension} » ne sont pas acceptés dans une bibliothèque.",
        "Files of type “{extension}” are not accepted in a library.",
    ),
    "missing-main-library": _pair(
        "La bibliothèque principale {library} n’est ni dans le paquet ni installée.",
        "The main library {library} is neither in the package nor installed.",
    ),
    "missing-required-library": _pair(
        "La bibliothèque {library}, demandée par {needed_by}, n’est ni dans le paquet ni installée.",
        "The library {library}, needed by {needed_by}, is neither in the package nor installed.",
    ),
    "library-install-not-permitted": _pair(
        "La bibliothèque {library} n’est pas installée; seule l’administration peut l’ajouter.",
        "The library {library} is not installed; only an administrator can add it.",
    ),
    "library-restricted": _pair(
        "Seule l’administration crée des contenus avec la bibliothèque {library}.",
        "Only administrators make contents with the library {library}.",
    ),
    "main-library-not-runnable": _pair(
        "La bibliothèque principale {library} ne peut pas être exécutée seule.",
        "The main library {library} cannot be run by itself.",
    ),
}
_STATEMENT = {
    "statement-not-object": _pair(
        "La déclaration n’est pas un objet JSON.", "The statement is not a JSON object."
    ),
    "statement-too-large": _pair(
        "La déclaration dépasse la limite de {limit} octets.",
        "The statement exceeds the limit of {limit} bytes.",
    ),
    "verb-missing": _pair("La déclaration n’a pas de verbe.", "The statement has no verb."),
    "verb-not-allowed": _pair("Ce verbe n’est pas accepté.", "This verb is not accepted."),
    "object-invalid": _pair(
        "L’objet de la déclaration n’est pas une activité valide.",
        "The statement’s object is not a valid activity.",
    ),
    "sub-content-invalid": _pair(
        "L’identifiant du sous-contenu n’est pas valide.", "The sub-content identifier is not valid."
    ),
    "context-invalid": _pair(
        "Le contexte de la déclaration n’est pas valide.", "The statement’s context is not valid."
    ),
    "result-invalid": _pair(
        "La valeur de result.{field} n’est pas valide.", "The value of result.{field} is not valid."
    ),
    "score-not-numeric": _pair(
        "La valeur score.{field} n’est pas un nombre.", "The value score.{field} is not a number."
    ),
    "score-out-of-range": _pair("Le score est hors de l’intervalle permis.", "The score is out of range."),
    "duration-invalid": _pair(
        "La durée n’est pas au format ISO 8601.", "The duration is not in ISO 8601 format."
    ),
    "duration-out-of-range": _pair(
        "La durée dépasse la limite de {limit} secondes.",
        "The duration exceeds the limit of {limit} seconds.",
    ),
    "timestamp-invalid": _pair(
        "L’horodatage n’est pas valide ou se situe dans l’avenir.",
        "The timestamp is not valid or lies in the future.",
    ),
}

_SEMANTICS = {
    "field-required": _pair("Ce champ est obligatoire.", "This field is required."),
    "field-wrong-type": _pair(
        "Cette valeur n’est pas du type attendu; elle est écartée.",
        "This value is not of the expected type; it is left out.",
    ),
    "field-too-deep": _pair(
        "Le contenu est imbriqué trop profondément.", "The content is nested too deeply."
    ),
    "text-too-long": _pair(
        "Ce texte dépasse {limit} caractères.", "This text is longer than {limit} characters."
    ),
    "text-pattern": _pair(
        "Ce texte n’a pas la forme attendue.", "This text does not have the expected form."
    ),
    "number-too-small": _pair(
        "Le nombre doit être d’au moins {limit}.", "The number must be at least {limit}."
    ),
    "number-too-large": _pair(
        "Le nombre doit être d’au plus {limit}.", "The number must be at most {limit}."
    ),
    "number-off-step": _pair(
        "Le nombre doit suivre un pas de {step}.", "The number must go in steps of {step}."
    ),
    "select-not-an-option": _pair(
        "Cette valeur ne figure pas parmi les choix.", "This value is not one of the choices."
    ),
    "list-too-short": _pair("Il en faut au moins {limit}.", "At least {limit} are needed."),
    "list-too-long": _pair(
        "Il en faut au plus {limit}; le reste est écarté.",
        "At most {limit} are allowed; the rest is left out.",
    ),
    "library-not-known": _pair(
        "Le type de contenu {library} n’est pas installé.", "The content type {library} is not installed."
    ),
    "library-not-offered": _pair(
        "Le type de contenu {library} n’est pas proposé à cet endroit.",
        "The content type {library} is not offered here.",
    ),
    "library-other-version": _pair(
        "Le type de contenu {library} n’est pas dans la version attendue\u00a0: {offered}.",
        "The content type {library} is not in the expected version: {offered}.",
    ),
    "file-path-refused": _pair(
        "Le chemin du fichier mène hors du contenu.", "The file’s path leads outside the content."
    ),
}

MESSAGES: Final[dict[str, dict[str, str]]] = {
    **_ARCHIVE,
    **_PATHS,
    **_CONTENT,
    **_LIBRARY,
    **_STATEMENT,
    **_SEMANTICS,
}
