"""Pages in other languages, each with a way of its own to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.tests.consent_sites.frame import Ask, Site, go, page

if TYPE_CHECKING:
    from harness.wire import Response


class GermanRadios(Site):
    """Radio buttons for the answer, one button to send it; errors have status 400 and 401."""

    def answer(self, ask: Ask) -> Response:
        if "user" not in ask.session:
            if ask["kennwort"] and self.enter(ask, "kennung", "kennwort"):
                return go(f"/device?user_code={ask['weiter']}")
            bad = "Die Anmeldedaten sind falsch." if ask["kennwort"] else ""
            return page(
                f"<h1>Anmelden</h1><p>{bad}</p><form method='post'><input "
                "type='hidden' name='weiter' "
                f"value='{ask['user_code']}'><p>Benutzername: <input name='kennung'></p>"
                "<p>Passwort: <input type='password' name='kennwort'></p>"
                "<button>Anmelden</button></form><a href='/vergessen'>Passwort vergessen?</a>",
                401 if bad else 200,
            )
        if ask["antwort"]:
            self.decide(ask, yes=ask["antwort"] == "a")
            return page("<h1>Fertig</h1><p>Sie können das Fenster schließen.</p>")
        if ask.method == "POST" and self.knows(ask["code"]):
            return page(
                "<h1>Zugriff auf Ihr Konto</h1><form method='post'><label><input type='radio' "
                "name='antwort' value='a'> Zugriff erlauben</label><label><input type='radio' "
                "name='antwort' value='b'> Zugriff verweigern</label>"
                "<label><input type='checkbox' name='merken'> Entscheidung merken</label>"
                "<button>Weiter</button></form>"
            )
        bad = "Dieser Code ist ungültig oder abgelaufen." if ask.method == "POST" else ""
        return page(
            f"<h1>Gerät verbinden</h1><p>{bad}</p><form method='post'><label>Gerätecode <input "
            f"name='code' value='{ask['user_code']}'></label><button>Weiter</button></form>",
            400 if bad else 200,
        )


class FrenchParts(Site):
    """The code in eight fields with a hyphen between them, sent as multipart/form-data."""

    def answer(self, ask: Ask) -> Response:
        if ask.path == "/device" and ask.method == "POST":
            typed = "".join(ask.all("chiffre[]"))
            if self.knows(typed):
                return go("/connexion")
            return self.ask_code("Code invalide ou expiré.")
        if ask.path == "/device":
            if self.knows(ask["user_code"]):
                return go("/connexion")
            return self.ask_code("Code invalide." if ask["user_code"] else "")
        if ask.path == "/connexion" and "user" not in ask.session:
            if ask.method == "POST" and self.enter(ask, "identifiant", "mdp"):
                return go("/accord")
            bad = "Identifiants incorrects" if ask.method == "POST" else ""
            return page(
                f"<h1>Connexion</h1><p>{bad}</p><form method='post' action='/connexion'>"
                "<input name='identifiant' placeholder='Identifiant'><input type='password' "
                "name='mdp' placeholder='Mot de passe'><button>Se connecter</button></form>"
            )
        if ask.path == "/accord" and ask.method == "POST":
            self.decide(ask, yes="oui" in ask)
            return page("<p>Vous pouvez fermer cette fenêtre.</p>")
        return page(
            "<h1>Le téléviseur demande un accès</h1><form method='post' action='/accord' "
            "enctype='multipart/form-data'><button name='non'>Ne pas autoriser</button>"
            "<button name='oui'>Autoriser</button></form>"
        )

    def ask_code(self, note: str) -> Response:
        one = "<input name='chiffre[]' maxlength='1' size='1' inputmode='text'>"
        return page(
            f"<h1>Saisissez le code</h1><p>{note}</p><form method='post' action='/device' "
            f"enctype='multipart/form-data'>{one * 4}<input value='-' readonly size='1'>{one * 4}"
            "<button>Valider</button></form>"
        )


class SpanishTables(Site):
    """Forms inside of tables, redirects of many kinds, a refresh, a base address, a select."""

    def answer(self, ask: Ask) -> Response:
        if ask.path == "/device" and ask.method == "GET":
            return go("/es/inicio?" + "&".join(f"{key}={value}" for key, value in ask.fields), 301)
        if ask.path == "/es/inicio":
            return page(
                "<p>Un momento</p>",
                head=f"<meta http-equiv='Refresh' content='0; URL=codigo?c={ask['user_code']}'>",
            )
        if ask.path == "/es/codigo" and ask.method == "GET":
            return page(
                "<table><form action='enviar' method='post'><tr><td>Código</td><td>"
                f"<input name='c' value='{ask['c']}'></td></tr><tr><td><input type='submit' "
                "value='Continuar'></td></tr></form></table>",
                head="<base href='/es/x/'>",
                title="Conectar dispositivo",
            )
        if ask.path == "/es/x/enviar":
            return go("/es/comprobar", 307)
        if ask.path == "/es/comprobar" and not self.knows(ask["c"]):
            return page("<p>El código no es válido o está caducado.</p>")
        if "user" not in ask.session and not self.enter(ask, "usuario", "clave"):
            bad = "Credenciales incorrectas" if ask["clave"] else ""
            return page(
                f"<p>{bad}</p><table><form method='post' "
                "action='/es/entrar'><tr><td>Usuario</td><td>"
                "<input name='usuario'></td></tr><tr><td>Contraseña</td><td><input type='password' "
                "name='clave'></td></tr><tr><td><button>Iniciar sesión</button></td></tr></form>"
                "</table>"
            )
        if ask["respuesta"]:
            self.decide(ask, yes=ask["respuesta"] == "9")
            return page("<p>Su respuesta fue enviada.</p>")
        return page(
            "<p>La televisión pide acceso.</p><form method='post' action='/es/fin'>"
            "<select name='respuesta'><option value=''>Elija</option><option value='4'>Denegar"
            "</option><option value='9'>Permitir</option></select><button>Enviar</button></form>"
        )


class ItalianLinks(Site):
    """A refusal that is a link, a confirmation of the code before signing in, a last question."""

    def answer(self, ask: Ask) -> Response:
        if ask.path == "/device" and self.knows(ask["user_code"]):
            ask.session["step"] = "known"
            return page(
                f"<p>Il codice è {self.code}?</p><form action='/accesso' method='get'>"
                "<button>Conferma</button></form>"
            )
        if ask.path == "/device":
            note = "Codice sconosciuto" if ask["user_code"] else ""
            return page(
                f"<p>{note}</p><form method='post' action='/device'>Codice del dispositivo "
                "<input name='user_code'> <button>Avanti</button></form>"
            )
        if ask.path == "/accesso":
            if ask.method == "POST" and self.enter(ask, "utente", "segreto"):
                return go("/domanda")
            bad = "Nome utente o password errati" if ask.method == "POST" else ""
            return page(
                f"<p>{bad}</p><form method='post' action='/accesso'><label>Nome utente <input "
                "name='utente'></label><label>Password <input type='password' "
                "name='segreto'></label>"
                "<button>Accedi</button></form>"
            )
        if ask.path == "/negato":
            self.decide(ask, yes=False)
            return page("<p>Richiesta annullata.</p>", 403)
        if ask.path == "/domanda" and ask.method == "POST":
            return page(
                "<p>Sei proprio sicuro?</p><form method='post' action='/fine'>"
                "<button>Consenti</button></form><a href='/negato'>Nega</a>"
            )
        if ask.path == "/fine":
            self.decide(ask, yes=True)
            return page(
                "<p>Dispositivo collegato, puoi chiudere la pagina.</p><a href='/'>Continua</a>"
            )
        return page(
            "<p>Il televisore chiede l'accesso</p><form method='post' action='/domanda'>"
            "<button>Consenti</button></form><a class='btn' href='/negato'>Non consentire</a>"
        )


class JapaneseListeners(Site):
    """Labels in Japanese; the refusal's form is sent by a listener; the people are a list."""

    def answer(self, ask: Ask) -> Response:
        if ask.path == "/device" and self.knows(ask["user_code"]):
            return go("/who")
        if ask.path == "/device":
            note = "コードが無効です" if ask["user_code"] else ""
            return page(
                f"<h1>デバイスの接続</h1><p>{note}</p><form method='post' action='/device'>"
                "<label>コード <input name='user_code'></label><button>次へ</button></form>"
            )
        if ask.path == "/who" and ask.method == "GET":
            return page(
                "<form method='post' action='/who'><select name='user'><option>bob</option>"
                "<option>alice</option></select><input type='password' name='pw'>"
                "<button>ログイン</button></form>"
            )
        if ask.path == "/who" and not self.enter(ask, "user", "pw"):
            return page(
                "<p>パスワードが違います。エラー</p><form method='post' action='/who'><select "
                "name='user'>"
                "<option>bob</option><option>alice</option></select><input "
                "type='password' name='pw'>"
                "<button>ログイン</button></form>"
            )
        if ask.path == "/answer":
            self.decide(ask, yes=ask["a"] == "1")
            return page("<p>画面を閉じてください。</p>")
        return page(
            "<p>テレビがアクセスを求めています。</p><form id='y' method='post' action='/answer'>"
            "<input type='hidden' name='a' value='1'><button>許可する</button></form>"
            "<form id='n' name='n' method='post' action='/answer'><input type='hidden' name='a' "
            "value='2'></form><button type='button' id='stop'>許可しない</button><script>"
            "document.getElementById('stop').addEventListener('click', () => "
            "{ document.getElementById('n').submit(); });</script>"
        )


FOREIGN: list[type[Site]] = [
    GermanRadios,
    FrenchParts,
    SpanishTables,
    ItalianLinks,
    JapaneseListeners,
]
