-- Who teaches what?
select person_name, course_title
from course_people
order by person_name, course_title;
