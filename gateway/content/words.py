"""The player's own words in French and English. The content brings its texts itself."""

from __future__ import annotations

from typing import Final

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "fullscreen": ("Plein écran", "Full screen"),
    "disableFullscreen": ("Quitter le plein écran", "Leave full screen"),
    "download": ("Télécharger", "Download"),
    "copyrights": ("Droits d’utilisation", "Rights of use"),
    "embed": ("Intégrer", "Embed"),
    "size": ("Taille", "Size"),
    "showAdvanced": ("Afficher les options avancées", "Show advanced options"),
    "hideAdvanced": ("Masquer les options avancées", "Hide advanced options"),
    "advancedHelp": (
        "Ajoutez ce script à votre site pour que la taille du contenu s’adapte\u00a0:",
        "Add this script to your site so that the content’s size adapts:"),
    "copyrightInformation": ("Droits d’utilisation", "Rights of use"),
    "close": ("Fermer", "Close"),
    "title": ("Titre", "Title"),
    "author": ("Auteur ou autrice", "Author"),
    "year": ("Année", "Year"),
    "source": ("Source", "Source"),
    "license": ("Licence", "Licence"),
    "thumbnail": ("Vignette", "Thumbnail"),
    "noCopyrights": (
        "Aucune information sur les droits n’accompagne ce contenu.",
        "No rights information comes with this content."),
    "reuse": ("Réutiliser", "Reuse"),
    "reuseContent": ("Réutiliser le contenu", "Reuse content"),
    "reuseDescription": ("Réutiliser ce contenu.", "Reuse this content."),
    "downloadDescription": ("Télécharger ce contenu en fichier H5P.", "Download this content as an H5P file."),
    "copyrightsDescription": ("Voir les droits liés à ce contenu.", "See the rights of this content."),
    "embedDescription": ("Voir le code d’intégration.", "See the embed code."),
    "h5pDescription": ("En savoir plus sur H5P.", "Learn more about H5P."),
    "contentChanged": (
        "Ce contenu a changé depuis votre dernière visite.",
        "This content has changed since your last visit."),
    "startingOver": ("Vous reprenez du début.", "You are starting over."),
    "by": ("par", "by"),
    "showMore": ("Afficher plus", "Show more"),
    "showLess": ("Afficher moins", "Show less"),
    "subLevel": ("Sous-niveau", "Sublevel"),
    "confirmDialogHeader": ("Confirmer l’action", "Confirm action"),
    "confirmDialogBody": ("Voulez-vous continuer? Cette action est définitive.", "Continue? This cannot be undone."),
    "cancelLabel": ("Annuler", "Cancel"),
    "confirmLabel": ("Confirmer", "Confirm"),
    "licenseU": ("Non précisée", "Undisclosed"),
    "licenseCCBY": ("Attribution", "Attribution"),
    "licenseCCBYSA": ("Attribution – Partage dans les mêmes conditions", "Attribution-ShareAlike"),
    "licenseCCBYND": ("Attribution – Pas de modification", "Attribution-NoDerivatives"),
    "licenseCCBYNC": ("Attribution – Utilisation non commerciale", "Attribution-NonCommercial"),
    "licenseCCBYNCSA": (
        "Attribution – Utilisation non commerciale – Partage dans les mêmes conditions",
        "Attribution-NonCommercial-ShareAlike"),
    "licenseCCBYNCND": (
        "Attribution – Utilisation non commerciale – Pas de modification",
        "Attribution-NonCommercial-NoDerivatives"),
    "licenseCC40": ("4.0 International", "4.0 International"),
    "licenseCC30": ("3.0 non transposée", "3.0 Unported"),
    "licenseCC25": ("2.5 générique", "2.5 Generic"),
    "licenseCC20": ("2.0 générique", "2.0 Generic"),
    "licenseCC10": ("1.0 générique", "1.0 Generic"),
    "licenseGPL": ("Licence publique générale", "General Public License"),
    "licenseV3": ("Version 3", "Version 3"),
    "licenseV2": ("Version 2", "Version 2"),
    "licenseV1": ("Version 1", "Version 1"),
    "licensePD": ("Domaine public", "Public domain"),
    "licenseCC010": ("CC0 1.0 universel – Domaine public", "CC0 1.0 Universal – Public domain"),
    "licensePDM": ("Marque du domaine public", "Public Domain Mark"),
    "licenseC": ("Droit d’auteur", "Copyright"),
    "contentType": ("Type de contenu", "Content type"),
    "licenseExtras": ("Précisions sur la licence", "Licence details"),
    "changes": ("Historique des changements", "Change log"),
    "contentCopied": ("Le contenu est copié.", "The content is copied."),
    "connectionLost": (
        "La connexion est perdue. Vos résultats sont gardés et partiront à son retour.",
        "The connection is lost. Your results are kept and will be sent when it returns."),
    "connectionReestablished": ("La connexion est rétablie.", "The connection is back."),
    "resubmitScores": ("Envoi des résultats gardés.", "Sending the kept results."),
    "offlineDialogHeader": ("La connexion au serveur est perdue", "The connection to the server is lost"),
    "offlineDialogBody": (
        "Vos résultats n’ont pas pu être envoyés. Vérifiez votre connexion.",
        "Your results could not be sent. Check your connection."),
    "offlineDialogRetryMessage": ("Nouvel essai dans :num…", "Trying again in :num…"),
    "offlineDialogRetryButtonLabel": ("Réessayer maintenant", "Try again now"),
    "offlineSuccessfulSubmit": ("Les résultats sont envoyés.", "The results are sent."),
}  # fmt: skip

GONE: Final = {
    "fr": "Cette activité n’est plus ouverte ici. Revenez au cours et ouvrez-la de nouveau.",
    "en": "This activity is no longer open here. Go back to the course and open it again.",
}
FAILED: Final = {
    "fr": "L’activité n’a pas pu démarrer. Vos réponses déjà enregistrées sont intactes.",
    "en": "The activity could not start. Answers already saved are intact.",
}


def player_words(language: str) -> dict[str, str]:
    """The player's words by its own keys. Anything but "fr" gets English."""
    column = 0 if language == "fr" else 1
    return {key: pair[column] for key, pair in _WORDS.items()}
