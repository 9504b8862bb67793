"""Entry points of identity. Passwords are hashed between transactions, never inside one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from services.identity import demo, policy, queries, schemas, store, views
from services.identity.commands import access, accounts, agencies, invitations
from services.identity.domain.access import TOUCH_EVERY
from services.identity.domain.account import Account, new_account
from services.identity.domain.errors import BadCredentials, EmailTaken
from services.identity.domain.passwords import check_password
from services.identity.domain.vocabulary import normal_email
from services.identity.hashing import Passwords
from services.identity.settings import identity_settings
from services.identity.tables import messaging
from shared.actor import system_actor
from shared.db.tx import Tx
from shared.errors import FieldProblem, Forbidden, Invalid, NotAuthenticated, NotFound
from shared.ids import new_secret
from shared.messaging.bus import Call
from shared.messaging.entrypoints import command, command_unremembered, every, query, rpc
from shared.messaging.service import Service
from shared.paging import PageRequest
from shared.wire import load


class IdentityService(Service):
    """Accounts, invitations, sessions, tokens, the directory."""

    name = "identity"
    tables = messaging
    folder = Path(__file__).parent

    def setup(self) -> None:
        self.limits = identity_settings(demo=self.settings.demo)
        self.passwords = Passwords(self.limits)

    # Signing in and out

    @rpc
    def sign_in(self, call: Call) -> dict[str, Any]:
        """{email, password, network, user_agent} -> {session, account}."""
        data = load(schemas.SignIn(), call.payload)
        attempt = access.Attempt(normal_email(data["email"]), data["network"])
        with self.tx(call) as tx:
            access.begin_attempt(tx, attempt)
            account = store.account_by_email(tx, attempt.email_norm)
        if not self.passwords.verify(account.password_hash if account else None, data["password"]):
            raise BadCredentials
        assert account is not None  # noqa: S101 verify is False without one
        renewed = self.passwords.renew(account.password_hash, data["password"])
        with self.tx(call) as tx:
            secret = self._open(tx, account, data["user_agent"], renewed)
            access.forgive_attempt(tx, attempt)
        return {"session": secret, "account": views.signed_in(account)}

    @rpc
    def sign_in_demo(self, call: Call) -> dict[str, Any]:
        """{role} -> {session, account}; NotFound outside of the demo."""
        self._require_demo()
        data = load(schemas.SignInDemo(), call.payload)
        unusable = self.passwords.hash(new_secret())
        with self.tx(call) as tx:
            account = demo.ensure_demo_person(tx, data["role"], unusable)
            secret = self._open(tx, account, data["user_agent"])
        return {"session": secret, "account": views.signed_in(account)}

    @rpc
    def sign_out(self, call: Call) -> dict[str, Any]:
        """{session} -> {}; an unknown session is signed out already."""
        data = load(schemas.SessionSecret(), call.payload)
        with self.tx(call) as tx:
            store.end_session(tx, data["session"])
        return {}

    @rpc
    def resolve_session(self, call: Call) -> dict[str, Any]:
        """{session} -> {account, session_id, expires_at}. One query; a note of it at most once a minute."""
        data = load(schemas.SessionSecret(), call.payload)
        with self.read(call) as tx:
            found = queries.resolve_session(tx, data["session"], self.limits.session_idle)
        if self._worth_noting(found):
            with self.tx(call) as tx:
                store.touch_session(tx, found.id)
        return {
            "account": found.account, "session_id": str(found.id), "expires_at": views.instant(found.expires_at)
        }  # fmt: skip

    @rpc
    def resolve_token(self, call: Call) -> dict[str, Any]:
        """{token} -> {account, scopes}."""
        data = load(schemas.TokenSecret(), call.payload)
        with self.read(call) as tx:
            found = queries.resolve_token(tx, data["token"])
        if self._worth_noting(found):
            with self.tx(call) as tx:
                store.touch_token(tx, found.id)
        return {"account": found.account, "scopes": list(found.scopes)}

    # Invitations

    @rpc
    def get_invitation(self, call: Call) -> dict[str, Any]:
        """{secret} -> what its bearer may know."""
        data = load(schemas.Secret(), call.payload)
        with self.read(call) as tx:
            return views.open_invitation(invitations.open_invitation(tx, data["secret"]))

    @rpc
    def accept_invitation(self, call: Call) -> dict[str, Any]:
        """{secret, email, password, display_name, language, time_zone, ...} -> {session, account}."""
        data = load(schemas.AcceptInvitation(), call.payload)
        check_password(data["password"], email=data["email"], display_name=data["display_name"])
        with self.read(call) as tx:
            invitations.open_invitation(tx, data["secret"])
        hashed = self.passwords.hash(data["password"])
        account = new_account(data["email"], hashed, schemas.profile_of(data), frozenset(), self.clock.now())
        try:
            with self.tx(call) as tx:
                invitations.accept_invitation(tx, data["secret"], account)
                secret = self._open(tx, account, data["user_agent"])
        except IntegrityError:
            raise EmailTaken from None  # another invitation, the same address, the same moment
        return {"session": secret, "account": views.signed_in(account)}

    @command_unremembered  # its answer holds a secret, of which only the hash may be stored
    def create_invitation(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{email?, roles, language} -> {id, secret, expires_at}; the secret is shown this once."""
        data = load(schemas.CreateInvitation(), call.payload)
        if before := self._made_before(tx, call, "create_invitation"):
            made = store.lock_invitation(tx, before)
            secret = made.renew()
        else:
            made, secret = invitations.create_invitation(tx, invitations.CreateInvitation(**data))
            self._remember(tx, call, "create_invitation", made.id)
        return {"id": str(made.id), "secret": secret, "expires_at": views.instant(made.expires_at)}

    @query
    def list_invitations(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{cursor?, limit?} -> page."""
        data = load(schemas.Page(), call.payload)
        return queries.list_invitations(tx, PageRequest.of(data["cursor"], data["limit"]))

    @command
    def revoke_invitation(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{invitation_id} -> the invitation."""
        data = load(schemas.InvitationId(), call.payload)
        return views.invitation(invitations.revoke_invitation(tx, data["invitation_id"]), tx.now)

    def ensure_first_invitation(self) -> str | None:
        """The secret of a link for the first admin, or None when somebody has an account. Ends earlier links."""
        with self.db.tx(system_actor(self.name)) as tx:
            return invitations.first_invitation(tx)

    # One's own account

    @query
    def get_me(self, tx: Tx, _call: Call) -> dict[str, Any]:
        """{} -> the own profile with its version."""
        return views.own_profile(queries.own_account(tx))

    @command
    def update_profile(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{version, fields that change} -> the own profile."""
        data = load(schemas.UpdateProfile(), call.payload)
        return views.own_profile(
            accounts.update_profile(tx, accounts.UpdateProfile(data.pop("version"), data))
        )

    @command
    def set_language(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{language} -> {language}."""
        data = load(schemas.SetLanguage(), call.payload)
        return {"language": accounts.set_language(tx, data["language"]).language}

    @rpc
    def change_password(self, call: Call) -> dict[str, Any]:
        """{current_password, new_password, session?: the present one} -> {}; every other session ends."""
        data = load(schemas.ChangePassword(), call.payload)
        with self.tx(call) as tx:
            account = queries.own_account(tx)
            check_password(
                data["new_password"],
                email=account.email,
                display_name=account.display_name,
                path="new_password",
            )
            attempt = access.Attempt(account.email_norm, f"account:{account.id}")
            access.begin_attempt(tx, attempt)
        if not self.passwords.verify(account.password_hash, data["current_password"]):
            raise Invalid(fields=[FieldProblem("current_password", "wrong-password")])
        hashed = self.passwords.hash(data["new_password"])
        with self.tx(call) as tx:
            accounts.set_password(tx, hashed, data["session"])
            access.forgive_attempt(tx, attempt)
        return {}

    @query
    def list_sessions(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{session?: the present one} -> {items}."""
        data = load(schemas.ListSessions(), call.payload)
        return queries.own_sessions(tx, self.limits.session_idle, data["session"])

    @command
    def revoke_session(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{session_id} -> {}."""
        store.end_own_session(tx, load(schemas.RevokeSession(), call.payload)["session_id"])
        return {}

    @command_unremembered  # its answer holds a secret, of which only the hash may be stored
    def create_token(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{name, scopes, days?} -> the token's view with `token`, its secret, shown this once."""
        data = load(schemas.CreateToken(), call.payload)
        if before := self._made_before(tx, call, "create_token"):
            made = store.lock_own_token(tx, before)
            secret = made.renew()
        else:
            made, secret = access.create_token(tx, access.CreateToken(**data))
            self._remember(tx, call, "create_token", made.id)
        return views.token(made) | {"token": secret}

    @query
    def list_tokens(self, tx: Tx, _call: Call) -> dict[str, Any]:
        """{} -> {items}."""
        return queries.own_tokens(tx)

    @command
    def revoke_token(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{token_id} -> {}."""
        store.end_own_token(tx, load(schemas.TokenId(), call.payload)["token_id"])
        return {}

    # Members

    @query
    def list_members(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{cursor?, limit?, province?, sector?, q?; role?, language? for coordinators and admins} -> page."""
        _require_member(tx)
        filters, request = _page(call)
        if (filters.role or filters.language) and not policy.can_filter_by_function(tx.actor):
            raise Forbidden
        return queries.list_members(tx, filters, request)

    @query
    def get_member(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{account_id} -> a member as the actor may see them."""
        _require_member(tx)
        return queries.get_member(tx, load(schemas.AccountId(), call.payload)["account_id"])

    @query
    def get_members(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{ids} -> {items: names, places and professions}; for members and services."""
        if not policy.can_name_members(tx.actor):
            raise NotAuthenticated
        return queries.get_members(tx, load(schemas.AccountIds(), call.payload)["ids"])

    @query
    def get_contact(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{account_id} -> {email, display_name, language, time_zone}; for the notifications service alone."""
        if not policy.can_read_contact(tx.actor):
            raise NotFound
        return queries.get_contact(tx, load(schemas.AccountId(), call.payload)["account_id"])

    # Agencies

    @query
    def list_agencies(self, tx: Tx, _call: Call) -> dict[str, Any]:
        """{} -> {items: the list that members pick from, retired ones marked}."""
        return queries.list_agencies(tx)

    @command
    def add_agency(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{name, sector?} -> the agency."""
        data = load(schemas.AgencyFields(), call.payload)
        return views.agency(agencies.add_agency(tx, agencies.AgencyFields(**data)))

    @command
    def edit_agency(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{agency_id, version, name, sector?, retired?} -> the agency."""
        data = load(schemas.EditAgency(), call.payload)
        ids = data.pop("agency_id"), data.pop("version")
        return views.agency(agencies.edit_agency(tx, *ids, agencies.AgencyFields(**data)))

    # Managing people

    @query
    def list_accounts(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{cursor?, limit?, filters} -> page with addresses, roles and states; admins only."""
        return queries.list_accounts(tx, *_page(call))

    @query
    def get_account(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{account_id} -> one row of list_accounts; admins only."""
        return queries.get_account(tx, load(schemas.AccountId(), call.payload)["account_id"])

    @command
    def set_roles(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{account_id, roles, version} -> {id, roles, version}."""
        account = accounts.set_roles(tx, accounts.SetRoles(**load(schemas.SetRoles(), call.payload)))
        return {"id": str(account.id), "roles": sorted(account.roles), "version": account.version}

    @command
    def disable_account(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{account_id} -> {}."""
        accounts.disable_account(tx, load(schemas.AccountId(), call.payload)["account_id"])
        return {}

    @rpc
    def seed_account(self, call: Call) -> dict[str, Any]:
        """A member and a token for demo and load tests -> {id, token}; NotFound outside of the demo."""
        self._require_demo()
        data = load(schemas.SeedAccount(), call.payload)
        hashed = self.passwords.hash(data["password"])
        with self.tx(call) as tx:
            account = demo.ensure_member(tx, data["email"], hashed, schemas.profile_of(data), data["roles"])
            return {"id": str(account.id), "token": demo.seed_token(tx, account)}

    @every(minutes=1)
    def announce_again(self) -> None:
        """Accounts whose last event is of an older form tell their present values once more, a few at a time."""
        with self.db.tx(system_actor(self.name)) as tx:
            accounts.announce_again(tx)

    @every(minutes=60)
    def prune(self) -> None:
        """Forget sessions, tokens and counters that ended."""
        with self.db.tx(system_actor(self.name)) as tx:
            store.prune(tx, self.limits.session_idle)

    # Helpers

    def _open(self, tx: Tx, account: Account, user_agent: str, new_hash: str | None = None) -> str:
        opening = access.OpenSession(user_agent, self.limits.session_absolute, new_hash)
        return access.open_session(tx, account, opening)

    def _made_before(self, tx: Tx, call: Call, name: str) -> UUID | None:
        """What the same call made before. It then gets a new secret: the first is kept nowhere, and may be lost."""
        key = call.idempotency_key
        before = self.inbox.begin(tx, name, key, call.payload) if key is not None else None
        return UUID(before.result) if before else None

    def _remember(self, tx: Tx, call: Call, name: str, made_id: UUID) -> None:
        if call.idempotency_key is not None:
            self.inbox.finish(tx, name, call.idempotency_key, str(made_id))

    def _worth_noting(self, found: queries.Resolved) -> bool:
        return self.clock.now() - (found.seen_at or found.expires_at - timedelta(days=400)) >= TOUCH_EVERY

    def _require_demo(self) -> None:
        if not self.settings.demo:
            raise NotFound


def _require_member(tx: Tx) -> None:
    if not policy.can_browse_members(tx.actor):
        raise NotAuthenticated


def _page(call: Call) -> tuple[queries.Filters, PageRequest]:
    data = load(schemas.ListMembers(), call.payload)
    return queries.Filters(
        **{name: data[name] for name in queries.Filters.__dataclass_fields__}
    ), PageRequest.of(data["cursor"], data["limit"])
