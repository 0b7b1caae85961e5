"""The SQL of the reaction that is measured: for a set of events at once. Ours and the raw side run the same text."""

#: Parameters: arrays of equal length, one item per event.
UPDATE = """
UPDATE standing SET steps = standing.steps + heard.steps, branch = heard.branch, since = heard.since
FROM (
    SELECT candidate_id, count(*) AS steps, max(branch) AS branch, max(since) AS since
    FROM unnest(%(candidates)s::text[], %(branches)s::text[], %(since)s::date[]) AS event (candidate_id, branch, since)
    GROUP BY candidate_id
) AS heard
WHERE standing.candidate_id = heard.candidate_id
"""
INSERT = """
INSERT INTO step (candidate_id, branch, day)
SELECT * FROM unnest(%(candidates)s::text[], %(branches)s::text[], %(days)s::date[])
"""
