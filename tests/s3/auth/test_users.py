"""The file of users: what it may hold, and one line for each thing that is wrong with it."""

import pytest

from chapters.errors import UsageError
from s3.auth.users import DEFAULT_ACCESS_KEY, Credential, Users, make_user

GOOD = """
[[user]]
name = "alice"
access_key = "AKALICE"
secret_key = "secret-a"
display_name = "Alice A."
email = "Alice@example.com"

[[user]]
name = "bob"
tenant = "acme"
id = "b0b"
keys = [
    { access_key = "AKBOB1", secret_key = "secret-1" },
    { access_key = "AKBOB2", secret_key = "secret-2" },
]
"""


def load(tmp_path, text):
    path = tmp_path / "users.toml"
    path.write_text(text, "utf-8")
    return Users.load(path)


def test_users_are_found_by_key_id_address_and_arn(tmp_path):
    users = load(tmp_path, GOOD)
    alice, bob = users.all
    assert users.by_access_key("AKALICE") == (alice, Credential("AKALICE", "secret-a"))
    assert users.by_access_key("AKBOB2") == (bob, Credential("AKBOB2", "secret-2"))
    assert users.by_id("b0b") is bob
    assert users.by_email("ALICE@example.COM") is alice
    assert users.by_arn("arn:aws:iam::acme:user/bob") is bob
    assert (alice.access_key, alice.secret_key, len(alice.id)) == ("AKALICE", "secret-a", 64)
    assert (alice.display_name, bob.display_name) == ("Alice A.", "bob")
    assert users.by_access_key("nobody") is users.by_id("") is users.by_email("") is None


def test_an_id_that_is_not_given_is_the_same_every_time():
    assert make_user("a", "K", "s").id == make_user("a", "L", "t").id
    assert make_user("a", "K", "s").id != make_user("a", "K", "s", tenant="t").id


def test_one_pair_makes_one_user():
    assert Users.single().by_access_key(DEFAULT_ACCESS_KEY)[0].name == "kit"
    assert Users.single("AKI", "s").by_access_key("AKI")[1].secret_key == "s"


@pytest.mark.parametrize("pair", [("a/b", "s"), ("", "s"), ("AKI", "")])
def test_a_pair_that_could_sign_nothing_is_refused(pair):
    with pytest.raises(UsageError, match="user 'kit': "):
        Users.single(*pair)


def test_a_secret_is_not_shown():
    assert "secret-a" not in repr(make_user("alice", "AKALICE", "secret-a"))


@pytest.mark.parametrize(
    "text, says",
    [
        ("", "has no users"),
        ("user = 5", "has no users"),
        ("[[user", "is no TOML"),
        ("[[user]]\naccess_key='AKX'", "user 1: name ''"),
        ("[[user]]\nname='a b'", "user 1: name 'a b'"),
        ("[[user]]\nname='a'", "user 'a': access_key is missing"),
        ("[[user]]\nname='a'\naccess_key='AKX'", "user 'a': secret_key is missing"),
        ("[[user]]\nname='a'\naccess_key='A/B'\nsecret_key='s'", "user 'a': access_key 'A/B'"),
        ("[[user]]\nname='a'\naccess_key='AKX'\nsecret_key=''", "user 'a': secret_key is empty"),
        ("[[user]]\nname='a'\naccess_key='AKX'\nsecret_key='s'\nemail=5", "user 'a': email is 5"),
        ("[[user]]\nname='a'\naccess_key='AKX'\nsecret_key='s'\nmail='x'", "user 'a': mail is no field"),
        ("[[user]]\nname='a'\nkeys='x'", "user 'a': keys is no list"),
        (GOOD + "[[user]]\nname='c'\naccess_key='AKBOB1'\nsecret_key='s'", "access_key 'AKBOB1' is taken"),
        (GOOD + "[[user]]\nname='alice'\naccess_key='AKC'\nsecret_key='s'", "user 'alice': id"),
        (GOOD + "[[user]]\nname='c'\naccess_key='AKC'\nsecret_key='s'\nid='b0b'", "user 'c': id 'b0b'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_line(tmp_path, text, says):
    with pytest.raises(UsageError) as caught:
        load(tmp_path, text)
    assert says in str(caught.value)
    assert "users.toml: " in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"none\.toml: cannot be read"):
        Users.load(tmp_path / "none.toml")
