-- name: unsettled
-- In the order of ids, so that page after page is filled once.
SELECT unsettled.request_id FROM unsettled
  LEFT JOIN request ON request.id = unsettled.request_id
 WHERE request.id IS NULL
    OR (COALESCE(request.accepted_at, request.intended_at) >= :since
        AND COALESCE(request.accepted_at, request.intended_at) < :until)
 ORDER BY unsettled.request_id

-- name: unsettled_ids
SELECT request_id FROM unsettled

-- name: settle_requests
DELETE FROM unsettled WHERE request_id IN (:ids)

-- name: unsettle_requests
INSERT INTO unsettled (request_id)
SELECT request.id FROM request
 WHERE request.id IN (:ids) AND request.id NOT IN (SELECT request_id FROM unsettled)

-- name: unsettle_all
INSERT INTO unsettled (request_id) SELECT id FROM request WHERE id NOT IN (SELECT request_id FROM unsettled)

-- name: settled_pages
SELECT page, n, packed, hours FROM settled
 WHERE 1 = 1
   AND page = :page -- if page
   AND last >= :since -- if since
   AND first < :until -- if until
 ORDER BY page

-- name: put_settled_page
INSERT INTO settled (page, first, last, n, packed, hours) VALUES (:page, :first, :last, :n, :packed, :hours)
ON CONFLICT (page) DO UPDATE
   SET first = excluded.first, last = excluded.last, n = excluded.n, packed = excluded.packed, hours = excluded.hours

-- name: settled_kinds
SELECT * FROM settled_kind

-- name: add_settled_kind
INSERT INTO settled_kind (company, channel, target, network, account, origin, basis)
VALUES (:company, :channel, :target, :network, :account, :origin, :basis)
ON CONFLICT (company, channel, target, network, account, origin) DO UPDATE SET basis = excluded.basis
RETURNING id

-- name: many_requests
SELECT COUNT(*) AS n FROM (
    SELECT 1 FROM request
     WHERE COALESCE(accepted_at, intended_at) >= :since AND COALESCE(accepted_at, intended_at) < :until
     LIMIT :most
)

-- name: companies_asked
SELECT DISTINCT company FROM request
 WHERE COALESCE(accepted_at, intended_at) >= :since AND COALESCE(accepted_at, intended_at) < :until
 LIMIT :most

-- name: requests_of_campaign
SELECT id FROM request WHERE campaign = :campaign
