"""OAI-PMH and PubMed are walked as their protocols say."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl, urlsplit

import pytest

from worker.errors import Expired, Malformed, Transient
from worker.page import Page, Question, Request, Site, Window
from worker.record import Record
from worker.sources import arxiv_oai, oai, pubmed

REPOSITORY = Site("repository", base_url="https://repository.example/oai")


def asked(request: Request | None) -> dict[str, str]:
    assert request is not None
    return dict(parse_qsl(urlsplit(request.url).query))


def answer(body: str, url: str = "https://repository.example/oai?verb=ListRecords") -> Page:
    return Page(url, f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">{body}</OAI-PMH>'.encode())


def test_a_walk_begins_at_a_day_and_has_no_end() -> None:
    (whole,) = oai.SOURCE.first(REPOSITORY, Window())
    assert asked(whole) == {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
    options = {"sets": ["a", "b:c"], "prefix": "mods", "granularity": "second"}
    walks = list(oai.SOURCE.first(Site("r", "https://r.example/oai", options=options), Window(date(2024, 5, 6))))
    assert [asked(one)["set"] for one in walks] == ["a", "b:c"]
    assert asked(walks[0])["from"] == "2024-05-06T00:00:00Z"
    assert "until" not in asked(walks[0])


def test_a_token_stands_alone_and_is_given_back_as_it_came() -> None:
    body = (
        '<ListRecords><resumptionToken completeListSize="412" cursor="0">a&amp;b|1 0%</resumptionToken></ListRecords>'
    )
    page = answer(body)
    following = oai.SOURCE.next(REPOSITORY, page)
    assert asked(following) == {"verb": "ListRecords", "resumptionToken": "a&b|1 0%"}
    assert oai.SOURCE.total(page) == 412
    for end in (
        "<ListRecords><resumptionToken/></ListRecords>",
        "<ListRecords><resumptionToken></resumptionToken>",
        "",
    ):
        assert oai.SOURCE.next(REPOSITORY, answer(end)) is None


@pytest.mark.parametrize(
    "code",
    ["badArgument", "badVerb", "cannotDisseminateFormat", "idDoesNotExist", "noMetadataFormats", "undefinedError"],
)
def test_an_error_of_the_protocol_is_told(code: str) -> None:
    with pytest.raises(Malformed, match=f"the repository says {code}: why"):
        oai.SOURCE.read(answer(f'<error code="{code}">why</error>'))


def test_nothing_new_is_no_error_and_a_forgotten_token_begins_again() -> None:
    assert oai.SOURCE.read(answer('<error code="noRecordsMatch"/>')) == []
    with pytest.raises(Expired):
        oai.SOURCE.check(answer('<error code="badResumptionToken">gone</error>'))
    with pytest.raises(Transient):
        oai.SOURCE.check(Page("https://repository.example/oai", b"<html>Too busy</html>"))


def test_identifiers_alone_bring_tombstones_only() -> None:
    header = "<header{}><identifier>oai:r:{}</identifier><datestamp>2024-05-06</datestamp></header>"
    deleted = ' status="deleted"'
    page = answer(f"<ListIdentifiers>{header.format('', 1)}{header.format(deleted, 2)}</ListIdentifiers>")
    (gone,) = oai.SOURCE.read(page)
    assert isinstance(gone, Record)
    assert (gone.source_key, gone.deleted, gone.updated_at) == ("oai:r:2", True, "2024-05-06")
    assert oai.SOURCE.listed(page) == ["oai:r:1", "oai:r:2"]


def test_arxiv_is_asked_for_its_own_format_from_the_day_before() -> None:
    (walk,) = arxiv_oai.SOURCE.first(Site("arxiv", options={"sets": "cs:cs:LG"}), Window(date(2024, 5, 6)))
    expected = {"verb": "ListRecords", "metadataPrefix": "arXiv", "set": "cs:cs:LG", "from": "2024-05-05"}
    assert asked(walk) == expected
    assert asked(arxiv_oai.SOURCE.ask(Site("arxiv"), Question("arxiv", "2305.01234"))) == {
        "verb": "GetRecord",
        "metadataPrefix": "arXiv",
        "identifier": "oai:arXiv.org:2305.01234",
    }


def test_pubmed_is_searched_then_fetched_page_by_page() -> None:
    site = Site("pubmed", contact="ops@institute.org", options={"query": "Mila[Affiliation]"})
    (search,) = pubmed.SOURCE.first(site, Window(date(2024, 5, 6)))
    assert asked(search)["mindate"] == "2024/05/06"
    body = b"<eSearchResult><Count>412</Count><QueryKey>1</QueryKey><WebEnv>MCID_a</WebEnv></eSearchResult>"
    first = pubmed.SOURCE.next(site, Page(search.url, body))
    second = pubmed.SOURCE.next(site, Page(first.url, b"<PubmedArticleSet/>"))  # type: ignore[union-attr]
    third = pubmed.SOURCE.next(site, Page(second.url, b"<PubmedArticleSet/>"))  # type: ignore[union-attr]
    assert [asked(one)["retstart"] for one in (first, second, third)] == ["0", "200", "400"]
    assert pubmed.SOURCE.next(site, Page(third.url, b"<PubmedArticleSet/>")) is None  # type: ignore[union-attr]
    assert pubmed.SOURCE.total(Page(first.url, b"")) == 412  # type: ignore[union-attr]
    signed = pubmed.SOURCE.authorise(site, search)
    assert asked(signed)["email"] == "ops@institute.org"
    assert signed.key == search.key + "&tool=pubcat"
    with pytest.raises(Expired):
        pubmed.SOURCE.check(Page(first.url, b"<ERROR>Unable to obtain query #1, WebEnv expired</ERROR>"))  # type: ignore[union-attr]
    with pytest.raises(Malformed, match="first_year"):
        pubmed.SOURCE.next(site, Page(search.url, body.replace(b"412", b"41200")))
