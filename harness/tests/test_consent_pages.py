"""What a person sees on a page, and what a browser sends from it."""

from __future__ import annotations

from harness.consent.pages import Page
from harness.consent.reading import read_page
from harness.consent.submission import MULTIPART, PLAIN, Submission
from harness.wire import FORM, Response

URL = "http://idp.test/auth/device?x=1"


def shown(html: str, kind: str = "text/html; charset=utf-8", **headers: str) -> Page:
    more = tuple(headers.items())
    return read_page(URL, Response(200, (("content-type", kind), *more), html.encode()))


def test_only_what_is_visible_is_text() -> None:
    page = shown(
        "<title>T</title><style>p {}</style><script>var a</script><h1>Enter  the\ncode</h1>"
        "<p>of your <b>TV</b>.</p><p hidden>no</p><p style='display: none'>no</p>"
        "<div class='d-none'><p>no</p></div><template>no</template><p>yes</p>"
    )

    assert page.title == "T"
    assert page.lines == ["Enter the code", "of your TV .", "yes"]


def test_a_form_has_what_belongs_to_it_wherever_it_stands() -> None:
    page = shown(
        "<button form='f' name='out'>Outside</button><form id='f' method='POST' action='go'>"
        "<input name='in'></form><input name='late' form='f'><input name='other' form='g'>"
    )

    (form,) = page.forms
    assert [field.name for field in form.fields] == ["in", "late"]
    assert [button.label for button in form.buttons] == ["Outside"]
    assert form.action == "http://idp.test/auth/go"


def test_a_form_in_a_table_keeps_its_rows() -> None:
    page = shown(
        "<table><form action='/one'><tr><td>Code</td><td><input name='c'></td></tr></form>"
        "<tr><td><form action='/two'><input name='d'></form></td></tr></table><input name='e'>"
    )

    assert [(form.action, form.names) for form in page.forms] == [
        ("http://idp.test/one", ("c",)),
        ("http://idp.test/two", ("d",)),
    ]
    assert page.forms[0].fields[0].label == "Code"


def test_labels_are_found_however_they_are_given() -> None:
    page = shown(
        "<form><label for='a'>One</label><input id='a'><label>Two <input name='b'></label>"
        "<span id='s'>Three</span><input aria-labelledby='s' name='c'><input aria-label='Four'>"
        "<p>Five: <input name='e'></p><input type='checkbox' name='f'> Six</form>"
    )

    labels = [field.label for field in page.forms[0].fields]
    assert labels == ["One", "Two", "Three", "Four", "Five:", "Six"]


def test_a_base_address_moves_forms_but_not_an_empty_action() -> None:
    page = shown("<base href='/other/'><form action='x'></form><form></form><a href='y'>Y</a>")

    assert [form.action for form in page.forms] == ["http://idp.test/other/x", URL]
    assert page.links[0].url == "http://idp.test/other/y"


def test_what_is_sent_is_what_a_browser_sends() -> None:
    page = shown(
        "<form method='post' action='/go'><input type='hidden' name='t' value='1'>"
        "<input name='u' value='pre'><input type='checkbox' name='on' checked><input "
        "type='checkbox' "
        "name='off'><input type='radio' name='r' value='x'><input type='radio' name='r' value='y' "
        "checked><select name='s'><option>first<option value='2' selected>second</select>"
        "<select name='d'><option value='a'>A</select><textarea name='a'>\nhi</textarea>"
        "<fieldset disabled><input name='gone'></fieldset><input name='gone' disabled>"
        "<input type='file' name='file'><button name='b' value='v'>Go</button>"
        "<button name='not' value='pressed'>No</button><input type='reset' value='R'></form>"
    )
    form = page.forms[0]

    sent = form.submission(form.buttons[0], values={1: "typed"}, ticks={3: True})

    assert sent.fields == (
        ("t", "1"),
        ("u", "typed"),
        ("on", "on"),
        ("off", "on"),
        ("r", "y"),
        ("s", "2"),
        ("d", "a"),
        ("a", "hi"),
        ("b", "v"),
    )
    assert [button.label for button in form.buttons] == ["Go", "No"]


def test_a_button_can_change_where_and_how_a_form_goes() -> None:
    page = shown(
        "<form method='get' action='/a?old=1'><input name='q' value='ä b'><button>G</button>"
        "<button formaction='b' formmethod='post' formenctype='text/plain'>P</button></form>"
    )
    form = page.forms[0]

    plain, changed = (form.submission(button) for button in form.buttons)

    assert (plain.method, plain.url) == ("GET", "http://idp.test/a?q=%C3%A4+b")
    assert (changed.method, changed.url) == ("POST", "http://idp.test/auth/b")
    assert changed.enctype == PLAIN


def test_every_encoding_is_written_as_it_should_be() -> None:
    fields = (("a", "1 2"), ("b", "ü"))

    plain = Submission("POST", "http://h/", fields, PLAIN).request()
    usual = Submission("POST", "http://h/", fields, FORM).request()
    parts = Submission("POST", "http://h/", fields, MULTIPART).request()

    assert plain.body.decode() == "a=1 2\r\nb=ü\r\n"
    assert usual.fields == list(fields)
    boundary = (parts.header("content-type") or "").partition("boundary=")[2]
    assert parts.body.decode().count(f"--{boundary}") == 3
    assert 'name="b"\r\n\r\nü\r\n' in parts.body.decode()


def test_secrets_stay_out_of_what_is_printed() -> None:
    sent = Submission("POST", "http://h/p?user_code=WDJB-MJHT", (("password", "s3cret"),))
    page = shown("<p>WDJB-MJHT</p>")

    assert "WDJB" not in repr(sent) + repr(page)
    assert "s3cret" not in repr(sent)


def test_a_refresh_is_found_in_the_page_and_in_the_header() -> None:
    assert shown("<meta http-equiv='REFRESH' content=\"2; URL='next?a=1'\">").refresh == (
        2.0,
        "http://idp.test/auth/next?a=1",
    )
    assert shown("x", refresh="0;url=/b").refresh == (0.0, "http://idp.test/b")
    assert shown("<meta http-equiv='refresh' content='30'>").refresh is None


def test_pages_in_older_encodings_can_be_read() -> None:
    body = "<p>Gerät</p>".encode("latin-1")
    by_header = Response(200, (("content-type", "text/html; charset=ISO-8859-1"),), body)
    by_meta = Response(200, (("content-type", "text/html"),), b"<meta charset='latin1'>" + body)
    unknown = Response(200, (("content-type", "text/html; charset=klingon"),), body)

    assert read_page(URL, by_header).text == "Gerät"
    assert read_page(URL, by_meta).text == "Gerät"
    assert read_page(URL, unknown).text.startswith("Ger")


def test_what_is_no_html_is_shown_as_text() -> None:
    page = shown('{"error": "not_found"}', "application/json")

    assert page.text == '{"error": "not_found"}'
    assert not page.forms


def test_a_page_that_scripts_make_is_known_as_one() -> None:
    assert shown("<div id='root'></div><script src='a.js'></script>").needs_script
    assert not shown("<p>Thank you.</p>").needs_script
    assert not shown("<form><input name='code'></form><script>var a = 1</script>").needs_script
