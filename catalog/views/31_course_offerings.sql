-- A month, season or year ends with its last day, whatever day stands for it in the table.
create view analytics.course_offerings as
select
    o.offering_id,
    o.course_id,
    c.title_fr as course_title_fr,
    c.title_en as course_title_en,
    o.position::int4 as offering_order,
    o.label as cohort_label,
    o.dates_text,
    o.date_kind,
    o.start_date as offering_start_date,
    o.end_date as offering_end_date,
    o.date_precision,
    o.year_inferred as is_year_inferred,
    o.date_confidence::float8 as date_confidence,
    o.timezone,
    s.n_sessions,
    s.session_dates_text,
    o.mode as delivery_mode,
    o.language,
    o.location,
    c.provider as provider_name,
    c.audience as audience_text,
    o.registration_status,
    o.registration_url,
    o.registration_deadline,
    o.price,
    o.currency,
    coalesce(o.start_date, o.end_date) - current_date as days_until,
    case
        when coalesce(o.start_date, d.last_day) > current_date then 'upcoming'
        when d.last_day >= current_date then 'running'
        when d.last_day < current_date then 'past'
    end as status
from catalog.offering o
join catalog.course c using (course_id)
cross join lateral (
    select case o.date_precision
        when 'year' then (date_trunc('year', coalesce(o.end_date, o.start_date)::timestamp) + interval '1 year')::date - 1
        when 'month' then (date_trunc('month', coalesce(o.end_date, o.start_date)::timestamp) + interval '1 month')::date - 1
        when 'season' then (date_trunc('month', coalesce(o.end_date, o.start_date)::timestamp) + interval '1 month')::date - 1
        else coalesce(o.end_date, o.start_date)
    end as last_day
) d
left join lateral (
    select
        count(*)::int4 as n_sessions,
        string_agg(t.session_date::text, '; ' order by t.session_number) as session_dates_text
    from catalog.course_session t
    where t.offering_id = o.offering_id
) s on true;

comment on view analytics.course_offerings is 'One row per cohort of a course.';
comment on column analytics.course_offerings.offering_id is 'Number of the offering.';
comment on column analytics.course_offerings.course_id is 'The course.';
comment on column analytics.course_offerings.course_title_fr is 'French title of the course.';
comment on column analytics.course_offerings.course_title_en is 'English title of the course.';
comment on column analytics.course_offerings.offering_order is 'Order among the offerings of the course.';
comment on column analytics.course_offerings.cohort_label is 'Label as printed, such as "Cohort 3".';
comment on column analytics.course_offerings.dates_text is 'The dates, word for word.';
comment on column analytics.course_offerings.date_kind is
    'set (single days), range, start (a first day only), deadline, coarse (a month or season) or none.';
comment on column analytics.course_offerings.offering_start_date is 'First day; of a coarse date the first it may be.';
comment on column analytics.course_offerings.offering_end_date is 'Last day; null when not told.';
comment on column analytics.course_offerings.date_precision is 'day, month, season or year.';
comment on column analytics.course_offerings.is_year_inferred is
    'True when the year was not written and comes from the date of the page.';
comment on column analytics.course_offerings.date_confidence is 'How sure the reading of the dates is, in [0, 1].';
comment on column analytics.course_offerings.timezone is 'IANA zone of days and times.';
comment on column analytics.course_offerings.n_sessions is 'Single days known; 0 for a range.';
comment on column analytics.course_offerings.session_dates_text is 'Those days as YYYY-MM-DD, in order, joined by "; ".';
comment on column analytics.course_offerings.delivery_mode is 'online, onsite or blended.';
comment on column analytics.course_offerings.language is 'Language of instruction, ISO 639-1.';
comment on column analytics.course_offerings.location is 'Place.';
comment on column analytics.course_offerings.provider_name is 'Who gives the course.';
comment on column analytics.course_offerings.audience_text is 'For whom it is, as printed.';
comment on column analytics.course_offerings.registration_status is 'announced, open, full or closed.';
comment on column analytics.course_offerings.registration_url is 'Where to register.';
comment on column analytics.course_offerings.registration_deadline is 'Last day to register.';
comment on column analytics.course_offerings.price is 'Price as printed.';
comment on column analytics.course_offerings.currency is 'ISO 4217.';
comment on column analytics.course_offerings.days_until is
    'Days from today to the first known day; negative when past; null without dates.';
comment on column analytics.course_offerings.status is
    'upcoming, running or past, by the known days (a start alone is its own last day); null without dates. '
    'Cancellations are not collected yet.';
