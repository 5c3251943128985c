#!/usr/bin/env python3
"""Makes a complete public key infrastructure for tests, with openssl only.

The layout is that of 'refrenda certs demo', so that the test server works on
either, with many more identities. As none of this is made by our own code, a
mistake there cannot hide behind the same mistake here. All the people are
plainly invented. Only the Python standard library is used.
"""

import argparse
import datetime
import os
import shutil
import subprocess
import sys

PASSWORD = "refrenda-pruebas"
# Latin-1, beyond Latin-1 and beyond the basic multilingual plane: the last
# one takes two units in the UTF-16 that PKCS #12 uses for passwords.
PASSWORD_NONASCII = "contraseña-€-Ω-\U0001F511"

CONFIG = """\
[ root_ca ]
database         = {work}/root-index.txt
serial           = {work}/root-serial
crlnumber        = {work}/root-crlnumber
new_certs_dir    = {work}
certificate      = {folder}/root.pem
private_key      = {folder}/root.key
default_md       = sha256
default_days     = 3650
default_crl_days = 30
policy           = any_policy
unique_subject   = no
preserve         = yes
string_mask      = utf8only
email_in_dn      = no
crl_extensions   = crl_ext

[ issuing_ca ]
database         = {folder}/index.txt
serial           = {work}/issuing-serial
crlnumber        = {work}/issuing-crlnumber
new_certs_dir    = {work}
certificate      = {folder}/issuing.pem
private_key      = {folder}/issuing.key
default_md       = sha256
default_days     = 1095
default_crl_days = 30
policy           = any_policy
unique_subject   = no
preserve         = yes
string_mask      = utf8only
email_in_dn      = no
crl_extensions   = crl_ext

[ other_ca ]
database         = {work}/other-index.txt
serial           = {work}/other-serial
crlnumber        = {work}/other-crlnumber
new_certs_dir    = {work}
certificate      = {folder}/other-root.pem
private_key      = {folder}/other-root.key
default_md       = sha256
default_days     = 1095
default_crl_days = 30
policy           = any_policy
unique_subject   = no
preserve         = yes
string_mask      = utf8only
email_in_dn      = no
crl_extensions   = crl_ext

[ any_policy ]
countryName            = optional
organizationName       = optional
organizationalUnitName = optional
organizationIdentifier = optional
serialNumber           = optional
givenName              = optional
surname                = optional
commonName             = supplied

[ req ]
distinguished_name = req_dn
string_mask        = utf8only
utf8               = yes
prompt             = no

[ req_dn ]
commonName = unused

[ crl_ext ]
authorityKeyIdentifier = keyid

[ root_ext ]
basicConstraints       = critical, CA:TRUE
keyUsage               = critical, keyCertSign, cRLSign
subjectKeyIdentifier   = hash

[ issuing_ext ]
basicConstraints       = critical, CA:TRUE, pathlen:0
keyUsage               = critical, keyCertSign, cRLSign
subjectKeyIdentifier   = hash
authorityKeyIdentifier = keyid
authorityInfoAccess    = caIssuers;URI:{url}/ca/root.cer
crlDistributionPoints  = URI:{url}/crl/root.crl
certificatePolicies    = 2.5.29.32.0

[ signer_ext ]
basicConstraints       = critical, CA:FALSE
keyUsage               = critical, digitalSignature, nonRepudiation
extendedKeyUsage       = clientAuth, emailProtection
subjectKeyIdentifier   = hash
authorityKeyIdentifier = keyid
authorityInfoAccess    = OCSP;URI:{url}/ocsp, caIssuers;URI:{url}/ca/issuing.cer
crlDistributionPoints  = URI:{url}/crl/issuing.crl
certificatePolicies    = 1.2.3.4.2

[ encipherment_ext ]
basicConstraints       = critical, CA:FALSE
keyUsage               = critical, keyEncipherment
subjectKeyIdentifier   = hash
authorityKeyIdentifier = keyid
authorityInfoAccess    = OCSP;URI:{url}/ocsp, caIssuers;URI:{url}/ca/issuing.cer
crlDistributionPoints  = URI:{url}/crl/issuing.crl

[ other_ext ]
basicConstraints       = critical, CA:FALSE
keyUsage               = critical, digitalSignature, nonRepudiation
subjectKeyIdentifier   = hash
authorityKeyIdentifier = keyid
authorityInfoAccess    = caIssuers;URI:{url}/ca/other-root.cer
crlDistributionPoints  = URI:{url}/crl/other-root.crl

[ tsa_ext ]
basicConstraints       = critical, CA:FALSE
keyUsage               = critical, digitalSignature
extendedKeyUsage       = critical, timeStamping
subjectKeyIdentifier   = hash
authorityKeyIdentifier = keyid
authorityInfoAccess    = OCSP;URI:{url}/ocsp, caIssuers;URI:{url}/ca/issuing.cer
crlDistributionPoints  = URI:{url}/crl/issuing.crl

[ ocsp_ext ]
basicConstraints       = critical, CA:FALSE
keyUsage               = critical, digitalSignature
extendedKeyUsage       = OCSPSigning
noCheck                = ignored
subjectKeyIdentifier   = hash
authorityKeyIdentifier = keyid
"""

RSA = {bits: ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:%d" % bits]
       for bits in (1024, 2048, 3072, 4096)}
EC = {curve: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:" + curve,
              "-pkeyopt", "ec_param_enc:named_curve"]
      for curve in ("P-256", "P-384", "P-521")}
RSA_PSS = ["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"]
ED25519 = ["-algorithm", "ED25519"]

# name, key, given name, surname, what is wrong with it (or 'good').
IDENTITIES = [
    ("signer", RSA[2048], "Alba", "Ejemplo Ficticia", "good"),
    ("signer-p256", EC["P-256"], "Bruno", "Ejemplo Ficticio", "good"),
    ("rsa2048", RSA[2048], "Íñigo", "Muñoz Inventado", "good"),
    ("rsa3072", RSA[3072], "Carla", "Prueba Inventada", "good"),
    ("rsa4096", RSA[4096], "Darío", "Prueba Inventado", "good"),
    ("rsa-pss", RSA_PSS, "Elena", "Prueba Inventada", "good"),
    ("p256", EC["P-256"], "Fátima", "Prueba Inventada", "good"),
    ("p384", EC["P-384"], "Gael", "Prueba Inventado", "good"),
    ("p521", EC["P-521"], "Hugo", "Prueba Inventado", "good"),
    ("ed25519", ED25519, "Irene", "Prueba Inventada", "good"),
    ("expired", RSA[2048], "Jaime", "Caducado Inventado", "expired"),
    ("not-yet-valid", RSA[2048], "Karen", "Futura Inventada",
     "not-yet-valid"),
    ("no-sign", RSA[2048], "Luis", "Cifrador Inventado", "key-usage"),
    ("revoked", RSA[2048], "Marta", "Revocada Inventada", "revoked"),
    ("rsa1024", RSA[1024], "Nora", "Débil Inventada", "weak-key"),
    ("sha1", RSA[2048], "Óscar", "Antiguo Inventado", "weak-digest"),
    ("other", RSA[2048], "Pilar", "Ajena Inventada", "untrusted"),
]


class Maker:
    """Runs openssl over one folder."""

    def __init__(self, folder, url, openssl):
        self.folder = folder
        self.openssl = openssl
        self.work = os.path.join(folder, "work")
        self.config = os.path.join(self.work, "openssl.cnf")
        self.now = datetime.datetime.now(datetime.timezone.utc)
        os.makedirs(self.work)
        self.write("work/openssl.cnf",
                   CONFIG.format(folder=folder, work=self.work, url=url))
        for index in ("index.txt", "work/root-index.txt",
                      "work/other-index.txt"):
            self.write(index, "")
            self.write(index + ".attr", "unique_subject = no\n")
        for number, name in enumerate(("root", "issuing", "other"), start=1):
            # 16 octets, the first one different: no two certificates of the
            # whole infrastructure have the same number.
            self.write("work/%s-serial" % name,
                       "%02X" % (0x10 * number) + os.urandom(15).hex().upper()
                       + "\n")
            self.write("work/%s-crlnumber" % name, "01\n")

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def run(self, *arguments):
        # No configuration of the system may change what comes out.
        environment = dict(os.environ, LC_ALL="C", OPENSSL_CONF=self.config)
        result = subprocess.run(
            [self.openssl, *arguments], stdin=subprocess.DEVNULL,
            capture_output=True, env=environment, check=False)
        if result.returncode != 0:
            sys.exit("make_pki: openssl %s: %s" % (
                " ".join(arguments),
                result.stderr.decode("utf-8", "replace").strip()))

    def day(self, days):
        """A date some days from now, in the form that 'openssl ca' takes."""
        moment = self.now + datetime.timedelta(days=days)
        return moment.strftime("%Y%m%d%H%M%SZ")

    def key(self, name, options):
        """A key of its own, or, where $REFRENDA_TEST_KEYS keeps them (tests/run), the one that was made there first:
        ten RSA keys take seconds of processor."""
        kept = os.environ.get("REFRENDA_TEST_KEYS", "")
        source = os.path.join(kept, name + ".key")
        if not kept or not os.path.exists(source):
            self.run("genpkey", *options, "-outform", "PEM",
                     "-out", self.path(name + ".key"))
        else:
            shutil.copyfile(source, self.path(name + ".key"))
        os.chmod(self.path(name + ".key"), 0o600)
        if kept and not os.path.exists(source):
            copy = "%s.%d" % (source, os.getpid())
            shutil.copyfile(self.path(name + ".key"), copy)
            os.replace(copy, source)

    def certificate(self, name, subject, authority, extensions,
                    start, end, digest=None, selfsigned=False):
        request = os.path.join(self.work, name + ".csr")
        # An Ed25519 key takes no digest: 'req' ignores the option then.
        self.run("req", "-new", "-config", self.config, "-utf8",
                 "-key", self.path(name + ".key"), "-subj", subject,
                 "-out", request)
        arguments = ["ca", "-batch", "-notext", "-utf8",
                     "-config", self.config, "-name", authority,
                     "-extensions", extensions, "-in", request,
                     "-startdate", self.day(start), "-enddate", self.day(end),
                     "-out", self.path(name + ".pem")]
        if digest:
            arguments += ["-md", digest]
        if selfsigned:
            arguments += ["-selfsign", "-keyfile", self.path(name + ".key")]
        self.run(*arguments)

    def revoke(self, name, authority, reason):
        self.run("ca", "-config", self.config, "-name", authority,
                 "-revoke", self.path(name + ".pem"), "-crl_reason", reason)

    def crl(self, name, authority, *options):
        temporary = os.path.join(self.work, name + ".crl.pem")
        self.run("ca", "-config", self.config, "-name", authority,
                 "-gencrl", *options, "-out", temporary)
        self.run("crl", "-in", temporary, "-outform", "DER",
                 "-out", self.path(name + ".crl"))

    def pkcs12(self, name, output, password, chain, friendly, *options):
        self.run("pkcs12", "-export", "-inkey", self.path(name + ".key"),
                 "-in", self.path(name + ".pem"),
                 "-certfile", self.path(chain), "-name", friendly,
                 "-passout", "file:" + self.path(password),
                 "-out", self.path(output), *options)
        os.chmod(self.path(output), 0o600)


def subject_of(given, surname, number):
    # The form is that of a Spanish identity number, with its right letter, in
    # the range 999999xx, where the numbers of public test certificates are.
    digits = 99999900 + number
    document = "%08d%s" % (digits, "TRWAGMYFPDXBNJZSQVHLCKE"[digits % 23])
    return "/C=ES/O=Organización Inventada/serialNumber=IDCES-%s" \
        "/GN=%s/SN=%s/CN=%s %s - %s" % (
            document, given, surname, surname.upper(), given.upper(), document)


def make_authorities(maker):
    maker.key("root", RSA[3072])
    maker.certificate(
        "root", "/C=ES/O=Organización Inventada/CN=Refrenda Pruebas Raíz",
        "root_ca", "root_ext", -3000, 6000, selfsigned=True)
    maker.key("issuing", RSA[3072])
    maker.certificate(
        "issuing",
        "/C=ES/O=Organización Inventada/CN=Refrenda Pruebas Emisora",
        "root_ca", "issuing_ext", -2500, 4000)
    with open(maker.path("issuing.pem"), encoding="ascii") as issuing, \
            open(maker.path("root.pem"), encoding="ascii") as root:
        maker.write("chain.pem", issuing.read() + root.read())

    maker.key("tsa", RSA[3072])
    maker.certificate(
        "tsa", "/C=ES/O=Organización Inventada/CN=Refrenda Pruebas Sello de "
        "Tiempo", "issuing_ca", "tsa_ext", -2, 2000)
    maker.key("ocsp", RSA[2048])
    maker.certificate(
        "ocsp", "/C=ES/O=Organización Inventada/CN=Refrenda Pruebas OCSP",
        "issuing_ca", "ocsp_ext", -2, 700)

    maker.key("other-root", RSA[2048])
    maker.certificate(
        "other-root", "/C=ES/O=Entidad Ajena Inventada/CN=Raíz Ajena",
        "other_ca", "root_ext", -3000, 3000, selfsigned=True)


def make_identity(maker, number, identity):
    name, key, given, surname, kind = identity
    authority, extensions, digest, chain = \
        "issuing_ca", "signer_ext", None, "chain.pem"
    start, end = -2, 1000
    if kind == "expired":
        start, end = -730, -365
    elif kind == "not-yet-valid":
        start, end = 365, 730
    elif kind == "revoked":
        # Old enough for signatures 'before the revocation' to make sense.
        start = -400
    elif kind == "key-usage":
        extensions = "encipherment_ext"
    elif kind == "weak-digest":
        digest = "sha1"
    elif kind == "untrusted":
        authority, extensions, chain = "other_ca", "other_ext", \
            "other-root.pem"

    maker.key(name, key)
    maker.certificate(name, subject_of(given, surname, number), authority,
                      extensions, start, end, digest)
    if kind == "revoked":
        maker.revoke(name, authority, "keyCompromise")

    friendly = "%s %s" % (given, surname)
    maker.pkcs12(name, name + ".p12", "password.txt", chain, friendly)
    # What programs wrote until about 2020.
    maker.pkcs12(name, name + "-legacy.p12", "password.txt", chain, friendly,
                 "-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES",
                 "-macalg", "sha1")
    maker.pkcs12(name, name + "-nonascii.p12", "password-nonascii.txt", chain,
                 friendly)


def make(folder, url, openssl):
    maker = Maker(folder, url, openssl)
    maker.write("password.txt", PASSWORD + "\n")
    maker.write("password-nonascii.txt", PASSWORD_NONASCII + "\n")
    make_authorities(maker)
    for number, identity in enumerate(IDENTITIES, start=1):
        make_identity(maker, number, identity)

    # Three particular cases of PKCS #12: certificates under 40-bit RC2, as
    # older browsers exported them; legacy with a password that is not ASCII,
    # where the key derivation uses UTF-16; and no chain inside.
    name, _, given, surname, _ = IDENTITIES[0]
    friendly = "%s %s" % (given, surname)
    maker.pkcs12(name, name + "-rc2.p12", "password.txt", "chain.pem",
                 friendly, "-legacy")
    maker.pkcs12(name, name + "-legacy-nonascii.p12", "password-nonascii.txt",
                 "chain.pem", friendly, "-keypbe", "PBE-SHA1-3DES",
                 "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1")
    maker.pkcs12(name, name + "-nochain.p12", "password.txt",
                 name + ".pem", friendly)

    # The stale one first: the numbers of the lists must go up with time.
    maker.crl("issuing-stale", "issuing_ca",
              "-crl_lastupdate", maker.day(-60),
              "-crl_nextupdate", maker.day(-30))
    maker.crl("issuing", "issuing_ca")
    maker.crl("root", "root_ca")
    maker.crl("other-root", "other_ca")

    lines = ["name\tkind\tcommon name"]
    for number, (name, _, given, surname, kind) in enumerate(IDENTITIES, 1):
        common = subject_of(given, surname, number).rpartition("/CN=")[2]
        lines.append("%s\t%s\t%s" % (name, kind, common))
    maker.write("identities.tsv", "\n".join(lines) + "\n")
    maker.write("url.txt", url + "\n")


def main():
    parser = argparse.ArgumentParser(
        description="Makes a public key infrastructure for tests: a root, an "
                    "issuing authority, a TSA, an OCSP responder and many "
                    "signers, good and bad (see identities.tsv there).")
    parser.add_argument("folder", help="where; it must not exist or be empty")
    parser.add_argument("--port", type=int, default=8731,
                        help="port of pki_server.py on 127.0.0.1, for the "
                             "addresses in the certificates (default: "
                             "%(default)s)")
    parser.add_argument("--force", action="store_true",
                        help="replace the folder if it was made by this "
                             "program")
    arguments = parser.parse_args()

    openssl = shutil.which(os.environ.get("OPENSSL", "openssl"))
    if not openssl:
        sys.exit("make_pki: the 'openssl' command was not found")
    folder = os.path.abspath(arguments.folder)
    # The configuration of openssl has characters with a meaning of their own.
    if any(c in folder for c in "$#\\\n\"'"):
        sys.exit("make_pki: unsuitable characters in the path: " + folder)
    if os.path.isdir(folder) and os.listdir(folder):
        if not arguments.force:
            sys.exit("make_pki: the folder is not empty: " + folder)
        if not os.path.isfile(os.path.join(folder, "identities.tsv")):
            sys.exit("make_pki: not made by this program: " + folder)
        shutil.rmtree(folder)
    os.makedirs(folder, exist_ok=True)
    make(folder, "http://127.0.0.1:%d" % arguments.port, openssl)


if __name__ == "__main__":
    main()
