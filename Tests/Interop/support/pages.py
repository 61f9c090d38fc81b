# lakebase-swift · Apache License 2.0 · see LICENSE
"""Lists that are read in pages of one, against the same read at once."""


def check_pages(look, least):
    """`look(**parameters)` returns names. In a workspace that others use too, what came or went meanwhile does not count."""
    before, paged, after = look(), look(page_size=1), look()
    assert len(before) >= least
    assert len(set(paged)) == len(paged)
    assert set(before) & set(after) <= set(paged)
    if set(before) == set(after):
        assert sorted(paged) == sorted(before)
