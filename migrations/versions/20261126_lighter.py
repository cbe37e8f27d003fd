"""Makes folding texts three times as fast, and spares ANALYZE what no plan asks for."""

from __future__ import annotations

from alembic import op

revision = "20261126_lighter"
down_revision = "20261126_under_way"
branch_labels = None
depends_on = None

MARKS = "regexp_replace(normalize(words, NFKD), '[\\u0300-\\u036f]', '', 'g')"
LETTERS = "øØłŁđĐıΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩςАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"
PLAIN = "oollddiαβγδεζηθικλμνξοπρστυφχψωσабвгдежзийклмнопрстуфхцчшщъыьэюя"
ALL = f"""lower(translate(
        replace(replace(replace(replace(replace({MARKS},
            'œ', 'oe'), 'Œ', 'oe'), 'æ', 'ae'), 'Æ', 'ae'), 'ß', 'ss'),
        '{LETTERS}',
        '{PLAIN}'))"""
"""``translate`` looks through its list at every character."""


def fold(middle: str) -> str:
    """The function with what stands between the texts that are ASCII and the rest."""
    return f"""
create or replace function catalog.fold(words text) returns text immutable parallel safe language sql as $$
select case
    when octet_length(words) = length(words) then lower(words)
    {middle}
    else {ALL}
end $$
"""


def upgrade() -> None:
    """A dash or an accent is all that is special about most texts that are not ASCII.

    Nobody looks for people by their list of spellings, and search has no use for the most frequent words of titles:
    finding those out was half of what ANALYZE cost.
    """
    op.execute(fold(f"when normalize(words, NFKD) !~ '[œŒæÆß{LETTERS}]' then lower({MARKS})"))
    op.execute("alter index catalog.ix_paper_title_words alter column 1 set statistics 0")
    op.execute("alter table catalog.author alter column names set statistics 0")


def downgrade() -> None:
    op.execute(fold(""))
    op.execute("alter index catalog.ix_paper_title_words alter column 1 set statistics -1")
    op.execute("alter table catalog.author alter column names set statistics -1")
