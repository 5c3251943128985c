#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""A person with a telephone and a browser, who agrees to what programs ask for by the CSC API.

Usage: csc_person.py HOME WEB_PORT

Prints the settings of its SMS gateway first, ended by an empty line. Then a line for each line that it reads:
    enrol          the demonstration's citizen is approved by the agent, and makes a key: "made"
    code           the code of the next message to anybody
    agree ADDRESS  opens it, agrees, and tells where the browser would be sent back to
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "bench"))
import citizen  # noqa: E402


class Platform:
    """What citizen.py wants to know of it."""

    def __init__(self, home, port):
        self.home, self.web_port = pathlib.Path(home), int(port)


def agree(browser, address):
    browser.ask("GET", "/" + address.split("/", 3)[3], wanted=(303,))
    here = re.sub(r"^https?://[^/]+", "", browser.location)
    page = browser.page(here)
    here = here.split("?")[0]
    if "/permiso" in page:
        browser.ask("POST", f"{here}/permiso", {"csrf": browser.token(page)}, wanted=(302,))
        return browser.location
    credential = re.search(r'name="certificado"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="certificado"', page)
    browser.ask("POST", f"{here}/certificado", {"csrf": browser.token(page), "certificado": credential[1] or credential[2]})
    browser.activate(browser.octets.decode(), password=citizen.PASSWORD)
    return browser.location or re.search(r'"(https?://[^"]+)"', browser.octets.decode().replace("\\/", "/"))[1]


def main():
    telephone = citizen.Telephone()
    print(telephone.settings, flush=True)
    browser = None
    for line in sys.stdin:
        command, _, rest = line.strip().partition(" ")
        if command == "enrol":
            one = Platform(*sys.argv[1:])
            citizen.enrol(one, pathlib.Path.cwd())
            browser = citizen.Browser(one, telephone)
            browser.sign_in()
            browser.generate()
            print("made", flush=True)
        elif command == "code":
            print(telephone.code(), flush=True)
        else:
            print(agree(browser, rest), flush=True)
    if browser:
        browser.close()


if __name__ == "__main__":
    main()
