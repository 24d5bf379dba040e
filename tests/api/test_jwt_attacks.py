"""Forged, stale and confused JSON Web Tokens: every one refused, in one way, and seen by the vault."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from pydantic import SecretStr

from adapter.api.app import create_app
from adapter.errors import Invalid, NotSignedIn, StatusError
from adapter.service.platform_jwt import PlatformKeys, is_jwt
from adapter.settings import jwt_keys, load_settings
from tests.support.accounts import platform_settings
from tests.support.platform import KEY, bearer, claims, signed
from tests.support.server import People, Server

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
PRIVATE = RSA_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def assembled(header: object, payload: object, key: bytes = b"", digest: str = "sha256") -> str:
    """A token with any header at all; without a key its signature is empty."""
    parts = [encoded(part if isinstance(part, bytes) else json.dumps(part).encode()) for part in (header, payload)]
    text = ".".join(parts)
    return f"{text}.{encoded(hmac.digest(key, text.encode(), digest)) if key else ''}"


def good() -> dict[str, Any]:
    return claims(1, "ADMIN")


HS256 = {"alg": "HS256", "typ": "JWT"}
SIGNED = signed(good())
FORGED: dict[str, str] = {
    # the algorithm
    "none": assembled({"alg": "none"}, good()),
    "none, in capitals": assembled({"alg": "nOnE"}, good()),
    "none, with a signature": assembled({"alg": "none"}, good(), KEY.encode()),
    "no algorithm": assembled({"typ": "JWT"}, good(), KEY.encode()),
    "hs256 in small letters": assembled({"alg": "hs256"}, good(), KEY.encode()),
    "HS512 with the right key": assembled({"alg": "HS512"}, good(), KEY.encode(), "sha512"),
    "HS384 with the right key": assembled({"alg": "HS384"}, good(), KEY.encode(), "sha384"),
    "RS256 with a key of their own": signed(good(), PRIVATE.decode(), "RS256"),
    "HS256 with a public key": assembled(HS256, good(), PUBLIC),
    "a list of algorithms": assembled({"alg": ["HS256", "none"]}, good(), KEY.encode()),
    # the key
    "an empty key": assembled(HS256, good(), b"\0").rsplit(".", 1)[0]
    + "."
    + encoded(hmac.new(b"", assembled(HS256, good()).rstrip(".").encode(), hashlib.sha256).digest()),
    "another key": assembled(HS256, good(), b"another key of the same length 0123"),
    "the key with a line end": assembled(HS256, good(), KEY.encode() + b"\n"),
    "kid naming a file": assembled({**HS256, "kid": "../../../../dev/null"}, good(), b"\0"),
    "kid naming a query": assembled({**HS256, "kid": "x' UNION SELECT 'k"}, good(), b"k"),
    "jwk of their own": assembled({**HS256, "jwk": {"kty": "oct", "k": encoded(b"mine")}}, good(), b"mine"),
    "jku of their own": assembled({**HS256, "jku": "https://evil.example/jwks.json"}, good(), b"mine"),
    "x5u of their own": assembled({**HS256, "x5u": "https://evil.example/x.pem"}, good(), b"mine"),
    "crit unknown": assembled({**HS256, "crit": ["exp2"], "exp2": 1}, good(), KEY.encode()),
    # the signature
    "no signature": SIGNED.rsplit(".", 1)[0] + ".",
    "half a signature": SIGNED[:-20],
    "another payload": ".".join([SIGNED.split(".")[0], encoded(json.dumps(claims(2)).encode()), SIGNED.split(".")[2]]),
    "a fourth part": f"{SIGNED}.x",
    "two parts": SIGNED.rsplit(".", 1)[0],
    # the claims
    "expired": signed(claims(exp=int(time.time()) - 1)),
    "signed in the future": signed(claims(iat=int(time.time()) + 600)),
    "not yet valid": signed(claims(nbf=int(time.time()) + 600)),
    "for another audience": signed(claims(aud="other")),
    "no end": signed(claims(exp=None)),
    "an end that is no number": signed({**claims(), "exp": "9999999999"}),
    "no iat": signed(claims(iat=None)),
    "no user id": assembled(HS256, {k: v for k, v in good().items() if k != "user_id"}, KEY.encode()),
    "a user id as text": signed(claims("7")),
    "a user id with a fraction": signed(claims(7.5)),
    "a user id that is true": signed(claims(True)),
    "a negative user id": signed(claims(-1)),
    "a user id beyond all": signed(claims(2**63)),
    "a user id that is a path": signed(claims("7/../account-1")),
    "no username": signed(claims(username=None)),
    "a blank username": signed(claims(username="  ")),
    "a username of two lines": signed(claims(username="erika\nadmin")),
    "a username without end": signed(claims(username="x" * 201)),
    "no authority": signed({k: v for k, v in claims().items() if k != "authority"}),
    "a list as payload": assembled(HS256, [1, 2], KEY.encode()),
    "deep payload": assembled(HS256, b"[" * 1500, KEY.encode()),
    "NaN": assembled(HS256, json.dumps({**claims(), "exp": float("nan")}).encode(), KEY.encode()),
    "a header of another encoding": assembled(b"\xff\xfe", good(), KEY.encode()),
    "a vault's token": "s.aaaaaaaaaaaaaaaaaaaaaaaa",
    "text": "c4n4ry",
}


@pytest.fixture
async def platform(server: Server, people: People) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(await platform_settings(server))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://adapter/api/v1") as client,
    ):
        yield client


async def test_every_forged_token_is_refused_alike_in_each_place(platform: httpx.AsyncClient) -> None:
    bodies = set()
    for name, token in FORGED.items():
        for headers in (bearer(token), {"x-access-token": token}, {"Cookie": f"accessToken={token}"}):
            answer = await platform.get("/me", headers=headers)
            assert answer.status_code == 401, name
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert token not in answer.text, name
            if "x-access-token" in headers:
                bodies.add(answer.json()["message"])
    assert len(bodies) == 1, "nothing tells which check it was"


async def test_a_right_one_is_taken(platform: httpx.AsyncClient) -> None:
    """Else every test above could pass for another reason."""
    assert (await platform.get("/me", headers=bearer(SIGNED))).status_code == 200


@pytest.mark.parametrize("authority", ["", "admin", "ROOT", "USER,ADMIN", "USE"])
async def test_an_authority_that_is_none(platform: httpx.AsyncClient, authority: str) -> None:
    answer = await platform.get("/me", headers=bearer(signed(claims(1, authority))))
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


@pytest.mark.parametrize("authority", [["ADMIN"], {"x": 1}, 1, True])
async def test_an_authority_that_is_no_text(platform: httpx.AsyncClient, authority: object) -> None:
    assert (await platform.get("/me", headers=bearer(signed(claims(1, authority))))).status_code == 401


async def test_the_vaults_log_has_the_attempt(platform: httpx.AsyncClient, server: Server) -> None:
    if server.audit_log is None:
        pytest.skip("the audit log of a server that was given is not at hand")
    before = server.audit_log.stat().st_size
    headers = {**bearer(FORGED["another key"]), "X-Status-Client": "jwt-attack"}
    await platform.get("/me", headers=headers)
    with server.audit_log.open() as log:
        log.seek(before)
        lines = [json.loads(line) for line in log]
    refused = [line for line in lines if "jwt-attack" in str(line["request"].get("headers"))]
    assert {line["type"] for line in refused} == {"request", "response"}
    assert all("permission denied" in line["error"] for line in refused)


@pytest.mark.parametrize("token", ["s.aaa.ns1", "hvs.CAES.x", "b.AAAA", "eyJhbGciOiJIUzI1NiJ9", "ey.a.b.c.d", ""])
def test_what_is_no_json_web_token(token: str) -> None:
    assert not is_jwt(token)


def test_a_key_of_no_length_is_refused(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = tmp_path / "key"
    empty.write_text(" \n")
    for name, value in (("STATUS_JWT_SECRET", "  "), ("STATUS_JWT_SECRET_FILE", str(empty))):
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            with pytest.raises(Invalid, match="empty"):
                jwt_keys(load_settings())
    monkeypatch.setenv("STATUS_JWT_SECRET", "")
    assert jwt_keys(load_settings()) == [], "as if it were not set"
    monkeypatch.setenv("STATUS_JWT_SECRET_FILE", str(tmp_path / "nothing"))
    with pytest.raises(Invalid, match="cannot be read"):
        jwt_keys(load_settings())


def test_keys_from_files(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STATUS_JWT_SECRET", "STATUS_JWT_SECRET_PREVIOUS"):
        (tmp_path / name).write_text(f"{name} {KEY}\n")
        monkeypatch.setenv(f"{name}_FILE", str(tmp_path / name))
    found = [key.get_secret_value() for key in jwt_keys(load_settings())]
    assert found == [f"STATUS_JWT_SECRET {KEY}", f"STATUS_JWT_SECRET_PREVIOUS {KEY}"]


def test_without_keys_nothing_is_accepted() -> None:
    with pytest.raises(NotSignedIn):
        PlatformKeys([]).check(SecretStr(SIGNED))


def test_no_error_holds_the_token_or_the_key() -> None:
    for token in FORGED.values():
        with pytest.raises(StatusError) as caught:
            PlatformKeys([SecretStr(KEY)]).check(SecretStr(token))
        text = f"{caught.value!r} {caught.value.body()} {caught.value.__cause__}"
        assert KEY not in text
        assert token not in text
