"""What comes in and goes out over HTTP."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.registry.domain import states
from services.registry.domain.members import Education, Occupation, Sex, Status
from services.registry.domain.organisations import Domain, Kind
from services.registry.domain.posts import Role

_CODE = validate.Length(min=1, max=32)
_NAME = validate.Length(min=1, max=100)


def _one_of(values: object) -> validate.OneOf:
    return validate.OneOf([str(value) for value in values])  # type: ignore[attr-defined]


class _Command(Schema):
    """`day`: of the fact, today where left out; the past is allowed and shown."""

    day = fields.Date()


class _Change(_Command):
    """`expected_version`: what the caller has seen; another one is answered with 409."""

    expected_version = fields.Integer(strict=True, validate=validate.Range(min=1))


class _Done(Schema):
    """The stream's new version and the day of the fact."""

    version = fields.Integer(required=True)
    day = fields.Date(required=True)


# -- the tree


class NewOrganisation(_Command):
    """An organisation to be entered in the tree."""

    code = fields.String(required=True, validate=_CODE)
    name = fields.String(required=True, validate=_NAME)
    kind = fields.String(required=True, validate=_one_of(Kind))
    parent = fields.String(allow_none=True, validate=_CODE)
    domain = fields.String(allow_none=True, validate=_one_of(Domain))
    approval_power = fields.Boolean()
    has_committee = fields.Boolean()
    employees = fields.Integer(strict=True, allow_none=True, validate=validate.Range(min=0, max=10_000_000))
    under_rectification = fields.Boolean()
    key_managed = fields.Boolean()


class OrganisationChange(_Change):
    """What is to be different; the rest stays."""

    name = fields.String(validate=_NAME)
    domain = fields.String(allow_none=True, validate=_one_of(Domain))
    approval_power = fields.Boolean()
    has_committee = fields.Boolean()
    employees = fields.Integer(strict=True, allow_none=True, validate=validate.Range(min=0, max=10_000_000))
    under_rectification = fields.Boolean()
    key_managed = fields.Boolean()


class OrganisationDone(_Done):
    """An organisation was entered or changed."""

    code = fields.String(required=True)
    path = fields.String(required=True)


class OrganisationItem(Schema):
    """An organisation. `path`: the codes from the city department down."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    domain = fields.String(required=True, allow_none=True)
    parent = fields.String(required=True, allow_none=True)
    path = fields.String(required=True)
    city = fields.String(required=True)
    home_county = fields.String(required=True)
    approval_power = fields.Boolean(required=True)
    has_committee = fields.Boolean(required=True)
    employees = fields.Integer(required=True, allow_none=True)
    under_rectification = fields.Boolean(required=True)
    key_managed = fields.Boolean(required=True)
    version = fields.Integer(required=True)


class OrganisationFilter(Schema):
    """`name`: how the name begins; `parent`: the code of the organisation directly above."""

    parent = fields.String(validate=_CODE)
    name = fields.String(validate=_NAME)
    kind = fields.String(validate=_one_of(Kind))
    domain = fields.String(validate=_one_of(Domain))


# -- the roll


class NewMember(_Command):
    """A member to be entered. Birth date and sex are taken from the number; given beside it they must agree."""

    name = fields.String(required=True, validate=_NAME)
    id_number = fields.String(required=True, validate=validate.Length(min=1, max=32))
    branch = fields.String(required=True, validate=_CODE)
    status = fields.String(required=True, validate=_one_of(Status))
    joined = fields.Date(required=True)
    full_since = fields.Date(allow_none=True)
    birth_date = fields.Date(allow_none=True)
    sex = fields.String(allow_none=True, validate=_one_of(Sex))
    education = fields.String(allow_none=True, validate=_one_of(Education))
    occupation = fields.String(allow_none=True, validate=_one_of(Occupation))
    floating_permit = fields.String(allow_none=True, validate=validate.Length(max=40))
    exempt_from = fields.Date(allow_none=True)


class MemberChange(_Change):
    """What is to be different; the rest stays. `exempt_from`: from when not rated, without a reason."""

    name = fields.String(validate=_NAME)
    branch = fields.String(validate=_CODE)
    status = fields.String(validate=_one_of(Status))
    full_since = fields.Date(allow_none=True)
    education = fields.String(allow_none=True, validate=_one_of(Education))
    occupation = fields.String(allow_none=True, validate=_one_of(Occupation))
    floating_permit = fields.String(allow_none=True, validate=validate.Length(max=40))
    exempt_from = fields.Date(allow_none=True)


class MemberEnd(_Change):
    """Why somebody is not on the roll any more."""

    reason = fields.String(required=True, validate=_one_of(states.END_REASONS))


class MemberDone(_Done):
    """An entry was made or changed."""

    member_id = fields.String(required=True)
    status = fields.String(required=True)


class MemberItem(Schema):
    """An entry of the roll. The number is masked; `name` and `id_number` are null once the person's data were erased."""

    member_id = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    id_number = fields.String(required=True, allow_none=True)
    branch = fields.String(required=True)
    path = fields.String(required=True)
    status = fields.String(required=True)
    joined = fields.Date(required=True)
    full_since = fields.Date(required=True, allow_none=True)
    ended_on = fields.Date(required=True, allow_none=True)
    version = fields.Integer(required=True)


class MemberDetail(MemberItem):
    """An entry with particulars, those that are known."""

    birth_date = fields.String()
    sex = fields.String()
    education = fields.String()
    occupation = fields.String()
    floating_permit = fields.String()
    exempt_from = fields.String()


class MemberFilter(Schema):
    """The roll is read branch by branch."""

    branch = fields.String(required=True, validate=_CODE)
    status = fields.String(validate=_one_of(states.MEMBER.names))


# -- posts


class NewPost(_Command):
    """A post to be given. `member`: the holder's identification number, if a member; `department`: of a liaison."""

    account = fields.String(required=True, validate=validate.Length(min=1, max=64))
    organisation = fields.String(required=True, validate=_CODE)
    role = fields.String(required=True, validate=_one_of(Role))
    since = fields.Date(required=True)
    until = fields.Date(required=True)
    member = fields.String(allow_none=True, validate=validate.Length(max=32))
    department = fields.String(allow_none=True, validate=_CODE)


class PostEnd(_Change):
    """`day` is the last day of the post."""


class PostDone(_Done):
    """A post was given or ended. `until` is its last day."""

    post_id = fields.String(required=True)
    since = fields.Date(required=True)
    until = fields.Date(required=True)


class PostItem(Schema):
    """A post: an account's role over an organisation and all below it, for a term."""

    post_id = fields.String(required=True)
    account = fields.String(required=True)
    role = fields.String(required=True)
    organisation = fields.String(required=True)
    path = fields.String(required=True)
    since = fields.Date(required=True)
    until = fields.Date(required=True)
    department = fields.String(required=True, allow_none=True)
    member_id = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class PostFilter(Schema):
    """`on`: held on that day."""

    organisation = fields.String(validate=_CODE)
    account = fields.String(validate=validate.Length(max=64))
    role = fields.String(validate=_one_of(Role))
    on = fields.Date()


# -- imports


class Imported(Schema):
    """A file was imported. `path`: the lowest organisation above all that it concerned; `counts`: by kind."""

    import_id = fields.String(required=True)
    kind = fields.String(required=True)
    rows = fields.Integer(required=True)
    path = fields.String(required=True)
    day = fields.Date(required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())


class ImportItem(Schema):
    """An import on record. `digest`: SHA-256 of the file."""

    import_id = fields.String(required=True)
    kind = fields.String(required=True)
    digest = fields.String(required=True)
    rows = fields.Integer(required=True)
    path = fields.String(required=True)
    account = fields.String(required=True)
    day = fields.Date(required=True)
    imported_at = fields.AwareDateTime(required=True, format="iso")
    correlation_id = fields.String(required=True)


class Template(Schema):
    """A blank workbook; `content` in Base64."""

    file_name = fields.String(required=True)
    content_type = fields.String(required=True)
    content = fields.String(required=True)
