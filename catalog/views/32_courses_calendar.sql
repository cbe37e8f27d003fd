create view analytics.courses_calendar as
select
    o.course_id,
    'c-' || lpad(o.course_id::text, greatest(6, length(o.course_id::text)), '0') as course_key,
    o.course_title_fr,
    o.course_title_en,
    o.offering_id,
    o.cohort_label,
    s.session_number::int4 as session_number,
    s.session_date,
    s.start_time as session_start_time,
    s.end_time as session_end_time,
    o.timezone,
    o.offering_start_date,
    o.offering_end_date,
    o.date_kind,
    o.date_precision,
    o.is_year_inferred,
    o.date_confidence,
    o.dates_text,
    o.delivery_mode,
    o.language,
    o.provider_name,
    o.audience_text,
    o.registration_status,
    o.registration_url,
    o.registration_deadline,
    o.price,
    o.currency,
    coalesce(c.url_fr, c.url_en) as source_url,
    c.created_at as first_seen_at,
    -- They come a moment before they are read.
    greatest(c.created_at, (
        select max(seen.fetched_at)
        from catalog.course_member m
        join catalog.record r using (record_id)
        join raw.observation found on found.observation_id = r.observation_id
        join raw.observation seen on seen.sha256 = found.sha256
        where m.course_id = o.course_id
    )) as last_seen_at,
    coalesce(s.session_date - current_date, o.days_until) as days_until,
    case
        when s.session_date > current_date then 'upcoming'
        when s.session_date = current_date then 'running'
        when s.session_date < current_date then 'past'
        else o.status
    end as status,
    coalesce(s.location, o.location) as location
from analytics.course_offerings o
join catalog.course c on c.course_id = o.course_id
left join catalog.course_session s on s.offering_id = o.offering_id;

comment on view analytics.courses_calendar is
    'One row per course session (a day), or per offering when no single day is known.';
comment on column analytics.courses_calendar.course_id is 'The course.';
comment on column analytics.courses_calendar.course_key is 'Its number as people write it: c-000012.';
comment on column analytics.courses_calendar.course_title_fr is 'French title.';
comment on column analytics.courses_calendar.course_title_en is 'English title.';
comment on column analytics.courses_calendar.offering_id is 'The cohort: see course_offerings.';
comment on column analytics.courses_calendar.cohort_label is 'Its label as printed.';
comment on column analytics.courses_calendar.session_number is '1 for the first day of the offering; null when no day is known.';
comment on column analytics.courses_calendar.session_date is 'The day; null when no single day is known.';
comment on column analytics.courses_calendar.session_start_time is 'HH:MM in timezone.';
comment on column analytics.courses_calendar.session_end_time is 'HH:MM in timezone.';
comment on column analytics.courses_calendar.timezone is 'IANA zone of days and times.';
comment on column analytics.courses_calendar.offering_start_date is 'First day of the offering; of a coarse date the first it may be.';
comment on column analytics.courses_calendar.offering_end_date is 'Last day of the offering; null when not told.';
comment on column analytics.courses_calendar.date_kind is
    'set (single days), range, start (a first day only), deadline, coarse (a month or season) or none.';
comment on column analytics.courses_calendar.date_precision is 'day, month, season or year.';
comment on column analytics.courses_calendar.is_year_inferred is
    'True when the year was not written and comes from the date of the page.';
comment on column analytics.courses_calendar.date_confidence is 'How sure the reading of the dates is, in [0, 1].';
comment on column analytics.courses_calendar.dates_text is 'The dates, word for word.';
comment on column analytics.courses_calendar.delivery_mode is 'online, onsite or blended.';
comment on column analytics.courses_calendar.language is 'Language of instruction, ISO 639-1.';
comment on column analytics.courses_calendar.provider_name is 'Who gives the course.';
comment on column analytics.courses_calendar.audience_text is 'For whom it is, as printed.';
comment on column analytics.courses_calendar.registration_status is 'announced, open, full or closed.';
comment on column analytics.courses_calendar.registration_url is 'Where to register.';
comment on column analytics.courses_calendar.registration_deadline is 'Last day to register.';
comment on column analytics.courses_calendar.price is 'Price as printed.';
comment on column analytics.courses_calendar.currency is 'ISO 4217.';
comment on column analytics.courses_calendar.source_url is 'Page of the course, the French one first.';
comment on column analytics.courses_calendar.first_seen_at is 'When the course entered this catalog.';
comment on column analytics.courses_calendar.last_seen_at is 'When the bytes that announce it last came.';
comment on column analytics.courses_calendar.days_until is
    'Days from today to the session, or to the first known day; negative when past; null without dates.';
comment on column analytics.courses_calendar.status is
    'upcoming, running or past, of the session, else of the offering; null without dates. cancelled is promised '
    'but not collected yet.';
comment on column analytics.courses_calendar.location is 'Place of the session, else of the offering.';
