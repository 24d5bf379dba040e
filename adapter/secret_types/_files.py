"""A set of PEM and SSH files: which of them belong together, and what each is called after."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import SecretStr

from adapter.errors import Invalid
from adapter.secret_types._base import VALUE, Submission
from adapter.secret_types._keys import is_encrypted, open_key
from adapter.secret_types._openssh import public_line, read_head, read_public_line
from adapter.secret_types._pem import CERTIFICATES, OPENSSH, PRIVATE_KEYS, REQUESTS, Block, scan
from adapter.secret_types._text import attempt
from adapter.secret_types._x509 import is_authority, issued, path, read_certificate, read_request

_SUFFIX = re.compile(r"\.(pem|crt|cer|cert|key|pub|csr|req|txt)$", re.I)
_COMMON = frozenset({"cert", "certificate", "fullchain", "chain", "privkey", "private", "key", "tls", "server"})
"""Names that say nothing: the folder's says more (`live/example.org/fullchain.pem`)."""

LONGEST_PUBLIC = 16 * 1024


@dataclass(frozen=True, slots=True)
class Recognised:
    """One secret of `type` in some files, or what is taken for none: `refused` says why."""

    name: str
    files: tuple[str, ...]
    type: str = ""
    submission: Submission | None = None
    refused: str = ""


@dataclass(slots=True)
class _File:
    """What one file holds; public keys as their encodings, None for one that a passphrase hides."""

    name: str
    certificates: list[tuple[Block, x509.Certificate]] = field(default_factory=list)
    request: tuple[Block, bytes] | None = None
    key: Block | None = None
    key_public: bytes | None = None
    public_line: str = ""
    public_blob: bytes = b""


@dataclass(slots=True)
class _Group:
    """A leaf with the files that go with it, the one that names it first."""

    leaf: x509.Certificate
    files: list[_File]
    key: _File | None = None


def recognise(files: Mapping[str, SecretStr]) -> list[Recognised]:
    """In the files' order; every file is part of one answer at least."""
    read: list[_File] = []
    found: list[Recognised] = []
    for name, text in files.items():
        try:
            read.append(_read(name, text))
        except Invalid as error:
            found.append(Recognised(_stem(name), (name,), refused=f"{error.detail} {error.hint}".strip()))
    groups = _groups(read)
    found += [_certificate(group, read) for group in groups]
    used = {id(one) for group in groups for one in (*group.files, group.key) if one is not None}
    left = [one for one in read if id(one) not in used]
    found += _copies(left, groups) + _requests(left) + _keys(left) + _public_lines(left)
    order = list(files)
    return sorted(found, key=lambda one: order.index(one.files[0]))


def _read(name: str, text: SecretStr) -> _File:
    """Raises Invalid for what is neither PEM nor a public key line."""
    line = read_public_line(text.get_secret_value()[:LONGEST_PUBLIC])
    if line is not None:
        return _File(name, public_line=public_line(*line), public_blob=line[0])
    blocks = scan(text, VALUE)
    keys = list({block.text: block for block in blocks if block.label in PRIVATE_KEYS}.values())
    requests = [block for block in blocks if block.label in REQUESTS]
    if len(keys) > 1 or len(requests) > 1:
        raise Invalid.field(VALUE, "There is more than one private key or request in it.", hint="Leave one a file.")
    one = _File(name, key=keys[0] if keys else None)
    one.certificates = [(block, read_certificate(block)) for block in blocks if block.label in CERTIFICATES]
    if requests:
        one.request = requests[0], _encoded(read_request(requests[0]).public_key())
    if one.key is not None and not is_encrypted(one.key):
        one.key_public = _encoded(open_key(one.key, None).public_key())
    return one


def _encoded(public: object) -> bytes:
    """A public key's DER, to compare it by; empty for a kind that has none."""
    encode = getattr(public, "public_bytes", None)
    der = attempt(lambda: encode(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) if encode else b"", ValueError)
    return bytes(der or b"")


def _groups(read: list[_File]) -> list[_Group]:
    """A group a leaf. A file of the authorities above other files' leaves belongs to those."""
    by_key = {one.key_public: one for one in read if one.key_public}
    groups: dict[bytes, _Group] = {}
    for one in read:
        if one.certificates:
            leaf = _leaf_of(one, by_key)
            group = groups.setdefault(leaf.public_bytes(Encoding.DER), _Group(leaf, []))
            group.files.append(one)
    for group in groups.values():
        group.files.sort(key=lambda one: -len(one.certificates))
        own = next((one for one in group.files if one.key is not None), None)
        group.key = own or by_key.get(_encoded(group.leaf.public_key()))
    return [group for group in groups.values() if not _is_above_another(group, list(groups.values()))]


def _leaf_of(one: _File, by_key: Mapping[bytes, _File]) -> x509.Certificate:
    certificates = [certificate for _, certificate in one.certificates]
    with_key = [found for found in certificates if _encoded(found.public_key()) in by_key]
    lowest = [a for a in certificates if not any(issued(a, b) for b in certificates if b != a)]
    return (with_key or lowest or certificates)[0]


def _is_above_another(group: _Group, groups: list[_Group]) -> bool:
    if group.key is not None or not is_authority(group.leaf):
        return False
    above = [found for one in group.files for _, found in one.certificates]
    others = [found for other in groups for one in other.files for _, found in one.certificates]
    return any(set(above) <= set(path(other.leaf, others)) for other in groups if other is not group)


def _certificate(group: _Group, read: list[_File]) -> Recognised:
    """The leaf, what stands in its own files, and what leads on from there in the others."""
    blocks = {found: block for one in read for block, found in one.certificates}
    own = dict.fromkeys(found for one in group.files for _, found in one.certificates)
    chain = path(group.leaf, [found for found in blocks if found != group.leaf])
    wanted = {group.leaf: None} | own | dict.fromkeys(chain)
    text = "".join(blocks[found].text for found in wanted)
    parts = [one for one in read if one not in group.files and any(found in chain for _, found in one.certificates)]
    fields = {}
    names = [one.name for one in group.files]
    if group.key is not None and group.key.key is not None:
        fields["private_key"] = SecretStr(group.key.key.text)
        names += [] if group.key in group.files else [group.key.name]
    names += [one.name for one in parts if one.key is None]
    return Recognised(_stem(group.files[0].name), tuple(names), "CERTIFICATE", Submission(SecretStr(text), fields))


def _copies(left: list[_File], groups: list[_Group]) -> list[Recognised]:
    """Files of nothing but a private key that a certificate has from another one; they are taken out of `left`."""
    holders = {group.key.key_public: group.key.name for group in groups if group.key and group.key.key_public}
    found = []
    for one in [one for one in left if one.request is None and one.key_public in holders]:
        left.remove(one)
        reason = f"The certificate that this private key is for has it already, from {holders[one.key_public or b'']}."
        found.append(Recognised(_stem(one.name), (one.name,), refused=reason))
    return found


def _requests(left: list[_File]) -> list[Recognised]:
    """Certificate requests with their keys; those keys are taken out of `left`."""
    found = []
    for one in [one for one in left if one.request is not None]:
        assert one.request is not None
        block, public = one.request
        key = one if one.key is not None else next((other for other in left if other.key_public == public), None)
        left.remove(one)
        if key is None or key.key is None:
            found.append(Recognised(_stem(one.name), (one.name,), refused="There is no private key for this request."))
            continue
        if key is not one:
            left.remove(key)
        names = tuple(dict.fromkeys((one.name, key.name)))
        submission = Submission(SecretStr(block.text), {"private_key": SecretStr(key.key.text)})
        found.append(Recognised(_stem(one.name), names, "CERTIFICATE", submission))
    return found


def _keys(left: list[_File]) -> list[Recognised]:
    """Private keys that no certificate is for, with their public lines, which are taken out of `left`."""
    found = []
    for one in [one for one in left if one.key is not None]:
        assert one.key is not None
        blob = _ssh_blob(one.key)
        public = next((other for other in left if other.public_blob and other.public_blob == blob), None)
        fields = {}
        if public is not None:
            left.remove(public)
            fields["public_key"] = SecretStr(public.public_line)
        names = (one.name, public.name) if public else (one.name,)
        found.append(Recognised(_stem(one.name), names, "SSH_KEY", Submission(SecretStr(one.key.text), fields)))
    return found


def _ssh_blob(block: Block) -> bytes | None:
    """The public key as SSH encodes it; None where a passphrase hides it or the key is damaged."""
    if block.label == OPENSSH:
        head = read_head(block.body)
        return head.public if head else None
    if is_encrypted(block):
        return None
    public = open_key(block, None).public_key()
    line = attempt(lambda: public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode(), ValueError, TypeError)
    read = read_public_line(line or "")
    return read[0] if read else None


def _public_lines(left: list[_File]) -> list[Recognised]:
    reason = "This is a public key; its private key is not among the files."
    return [Recognised(_stem(one.name), (one.name,), refused=reason) for one in left if one.public_line]


def _stem(name: str) -> str:
    """What a secret is called after: the file's name without its endings, else its folder's."""
    place = PurePosixPath(name.replace("\\", "/"))
    stem = place.name
    while (shorter := _SUFFIX.sub("", stem)) not in (stem, ""):
        stem = shorter
    return place.parent.name if stem.lower() in _COMMON and place.parent.name else stem
