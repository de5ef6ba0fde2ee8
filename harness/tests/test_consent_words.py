"""What labels lean to, in many languages."""

from __future__ import annotations

import pytest

from harness.consent.fields import bare
from harness.consent.leaning import Lean, Mood, leaning_of, leaning_of_value, mood_of
from harness.consent.scripts import effect_of, listener_of, sends_by_itself
from harness.consent.words import words_of

YES = """Allow|Approve|Authorize|Authorise device|Grant access|Accept|Agree and continue|Yes
Yes, allow
Confirm|Activate|Connect device|Link device|Continue|Next|Submit|OK|Submit consent|Erlauben|Zulassen
Zugriff gewähren|Ja|Bestätigen|Weiter|Autoriser|Accepter|Oui|Valider|Permitir|Aceptar|Sí|Aceitar|Sim
Consenti|Autorizza|Sì|Avanti|Toestaan|Akkoord|Doorgaan|Tillåt|Zezwól|Разрешить
许可|允许|許可する|허용|✓"""
NO = """Deny|Deny access|Reject|Refuse|Decline|Don't allow
Don’t allow|Do not allow|Not now|No|No, thanks
Cancel|[ Abort ]|[ Cancel ]|Cancel and go back|No, go back|I do not recognize this device|Ablehnen
Nicht zulassen|Zugriff verweigern|Nein|Abbrechen|Refuser|Ne pas autoriser|Non|Annuler|Denegar
No permitir|Rechazar|Cancelar|Recusar|Não permitir|Não|Nega|Rifiuta|Annulla|Weigeren|Niet toestaan
Nee|Neka|Avbryt|Odrzuć|Отклонить
拒绝|許可しない|拒否する|キャンセル|거부|✗|Yes, deny"""
OUTSIDE = """Sign out|Log out|Not you? Sign out|Use another account|Register|Create an account
Forgot your password?|Search|Change language|Accept all cookies|Reject cookies|Subscribe|Back|Close
Abmelden|Registrieren|Passwort vergessen?|Déconnexion|Mot de passe oublié ?|Cerrar sesión|Zurück"""
SIGN_IN = """Sign in|Log in|Login|Sign-in|Anmelden|Einloggen|Se connecter|Connexion|Iniciar sesión
Entrar|Accedi|Inloggen|Aanmelden|Logga in|ログイン|登录"""
UNCLEAR = "Terms of Service|Privacy policy|alice@example.test|Living room|..."


def labels(text: str) -> list[str]:
    return [label for line in text.splitlines() for label in line.split("|")]


@pytest.mark.parametrize(
    ("text", "lean"),
    [
        (YES, Lean.YES),
        (NO, Lean.NO),
        (OUTSIDE, Lean.OUTSIDE),
        (SIGN_IN, Lean.SIGN_IN),
        (UNCLEAR, Lean.UNCLEAR),
    ],
    ids=["yes", "no", "outside", "sign in", "unclear"],
)
def test_labels_lean_as_people_read_them(text: str, lean: Lean) -> None:
    wrong = {
        label: leaning_of(label) for label in labels(text) if leaning_of(label).lean is not lean
    }

    assert not wrong


def test_a_named_decision_is_surer_than_going_on() -> None:
    assert leaning_of("Allow").strength > leaning_of("Confirm").strength
    assert leaning_of("Confirm").strength > leaning_of("Continue").strength
    assert leaning_of("Deny").strength > leaning_of("No").strength > leaning_of("Cancel").strength


@pytest.mark.parametrize(
    ("value", "lean"),
    [
        ("true", Lean.YES),
        ("0", Lean.NO),
        ("submit.Deny", Lean.NO),
        ("accept", Lean.YES),
        ("access_denied", Lean.NO),
        ("userCode", Lean.UNCLEAR),
    ],
)
def test_the_words_of_programs_are_read_too(value: str, lean: Lean) -> None:
    assert leaning_of_value(value).lean is lean


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("The device has been authorized. You can close this window.", Mood.GOOD),
        ("The device was not authorized.", Mood.BAD),
        ("Invalid or Expired User Code", Mood.BAD),
        ("Der Code ist ungültig.", Mood.BAD),
        ("Le code a expiré.", Mood.BAD),
        ("Dispositivo conectado con éxito", Mood.GOOD),
        ("This code will expire in 10 minutes.", Mood.NEUTRAL),
        ("This code was already used.", Mood.BAD),
        ("Look at your TV.", Mood.NEUTRAL),
    ],
)
def test_pages_sound_like_success_or_failure(text: str, mood: Mood) -> None:
    assert mood_of([text]) is mood


def test_words_come_without_case_accents_and_joints() -> None:
    assert words_of("userCode user_code Gerät-Code don't") == (
        *("user", "code", "user", "code", "gerat", "code", "do", "not"),
    )


def test_codes_are_compared_without_what_people_leave_out() -> None:
    assert bare("WDJB-MJHT") == bare("wdjb mjht")


@pytest.mark.parametrize(
    ("onclick", "script", "effect"),
    [
        ("location.href='./x?a=no'", "", ("./x?a=no", {}, False)),
        ("window.location.assign('/n')", "", ("/n", {}, False)),
        ("$('#flag').attr('value', false)", "", ("", {"flag": "false"}, False)),
        ("$('#flag').val('no')", "", ("", {"flag": "no"}, False)),
        ("this.form.approve.value = '0'; this.form.submit()", "", ("", {"approve": "0"}, True)),
        ("document.forms['f'].elements['a'].value='n'", "", ("", {"a": "n"}, False)),
        ("document.querySelector('[name=a]').value='n'", "", ("", {"a": "n"}, False)),
        ("no()", "function no() { document.f.reset(); document.f.submit(); }", ("", {}, True)),
        ("no()", "const no = () => { location.replace('/no') }", ("/no", {}, False)),
        ("alert('hi')", "function no() { f.submit() }", ("", {}, False)),
    ],
)
def test_short_scripts_are_understood(
    onclick: str, script: str, effect: tuple[str, dict[str, str], bool]
) -> None:
    found = effect_of(onclick, script)

    assert (found.goes_to, found.sets, found.sends) == effect


def test_listeners_belong_to_one_element() -> None:
    script = (
        "document.getElementById('a').addEventListener('click', () => { x() });"
        "$('#b').on('click', function () { y() });"
    )

    assert "x()" in listener_of("a", script)
    assert "y()" in listener_of("b", script)
    assert listener_of("c", script) == ""


@pytest.mark.parametrize(
    ("script", "sends"),
    [
        ("document.forms[0].submit()", True),
        ("window.onload = function () { f.submit() }", True),
        ("document.addEventListener('DOMContentLoaded', () => { f.submit() })", True),
        ("function go() { f.submit() }\ngo()", True),
        ("function cancel() { f.reset(); f.submit() }", False),
        ("b.addEventListener('click', () => { f.submit() })", False),
        ("f.onsubmit = function () { g.submit() }", False),
        ("var a = 1", False),
    ],
)
def test_only_what_happens_at_once_is_passed_through(script: str, sends: bool) -> None:
    assert sends_by_itself(script) is sends
