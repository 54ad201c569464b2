"""How tests ask an edge: a signed address, and what comes back."""

import urllib.error
import urllib.request

from netflix.cdn.signing import Signer

FAR_S = 4_000_000_000
SECRET = b"0123456789abcdef"


def get(url, method="GET", data=None, **headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, data, names, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), error.headers


def signed(url, path):
    return url + Signer(SECRET).sign("colony", expires_s=FAR_S) + path
