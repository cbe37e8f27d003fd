create view analytics.dates as
select
    d.day as calendar_date,
    extract(year from d.day)::int4 as calendar_year,
    extract(quarter from d.day)::int4 as quarter,
    extract(month from d.day)::int4 as month_number,
    (array['janvier', 'février', 'mars', 'avril', 'mai', 'juin', 'juillet', 'août', 'septembre', 'octobre',
           'novembre', 'décembre'])[extract(month from d.day)::int4] as month_name_fr,
    (array['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October',
           'November', 'December'])[extract(month from d.day)::int4] as month_name_en,
    extract(day from d.day)::int4 as day_of_month,
    extract(doy from d.day)::int4 as day_of_year,
    extract(isodow from d.day)::int4 as iso_day_of_week,
    (array['lundi', 'mardi', 'mercredi', 'jeudi', 'vendredi', 'samedi', 'dimanche'])
        [extract(isodow from d.day)::int4] as day_name_fr,
    (array['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'])
        [extract(isodow from d.day)::int4] as day_name_en,
    extract(isoyear from d.day)::int4 as iso_year,
    extract(week from d.day)::int4 as iso_week,
    case when extract(month from d.day) <= 4 then 'Hiver' when extract(month from d.day) <= 8 then 'Été'
        else 'Automne' end as academic_term_fr,
    case when extract(month from d.day) <= 4 then 'Winter' when extract(month from d.day) <= 8 then 'Summer'
        else 'Fall' end as academic_term_en,
    extract(year from d.day - interval '3 months')::int4 as fiscal_year_start,
    extract(year from d.day - interval '3 months')::int4 || '-'
        || extract(year from d.day + interval '9 months')::int4 as fiscal_year,
    extract(isodow from d.day) >= 6 as is_weekend
from (
    select date '1990-01-01' + n as day
    from generate_series(0, date '2040-12-31' - date '1990-01-01') n
) d;

comment on view analytics.dates is 'One row per day from 1990-01-01 to 2040-12-31.';
comment on column analytics.dates.calendar_date is 'The day: join it to any *_date column.';
comment on column analytics.dates.calendar_year is 'Year.';
comment on column analytics.dates.quarter is '1 to 4, January to March being 1.';
comment on column analytics.dates.month_number is '1 to 12.';
comment on column analytics.dates.month_name_fr is 'Month in French, small letters as French has it.';
comment on column analytics.dates.month_name_en is 'Month in English.';
comment on column analytics.dates.day_of_month is '1 to 31.';
comment on column analytics.dates.day_of_year is '1 to 366.';
comment on column analytics.dates.iso_day_of_week is '1 for Monday to 7 for Sunday (ISO 8601).';
comment on column analytics.dates.day_name_fr is 'Day of the week in French.';
comment on column analytics.dates.day_name_en is 'Day of the week in English.';
comment on column analytics.dates.iso_year is 'Year the ISO 8601 week belongs to.';
comment on column analytics.dates.iso_week is 'ISO 8601 week, 1 to 53.';
comment on column analytics.dates.academic_term_fr is
    'Hiver (January to April), Été (May to August) or Automne (September to December).';
comment on column analytics.dates.academic_term_en is 'Winter, Summer or Fall.';
comment on column analytics.dates.fiscal_year_start is 'Year in which the fiscal year, April to March, began.';
comment on column analytics.dates.fiscal_year is 'Fiscal year, April to March, as 2026-2027.';
comment on column analytics.dates.is_weekend is 'Saturday or Sunday.';
