-- The institution's own register of its members, as far as its letters need it; others have none.
-- It is loaded from the institution's own files. `address`: lines with a comma and a space between
-- them; none: no letter can reach the member.
create table circuits.member (
    ssin bigint primary key,
    name text not null,
    address text,
    language text
);
