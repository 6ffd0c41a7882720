// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"bytes"
	"fmt"
	"time"
)

// Timestamps travel as JavaScript's toISOString writes them, in 24 characters. That
// form is written and read here, any other of RFC 3339 by package time.

const (
	daySeconds = 24 * 60 * 60
	leastUnix  = -62167219200 // the year 0 begins
	endUnix    = 253402300800 // the year 10000 begins
)

// Days are counted from 1 March of the year 0, so that a leap day ends its year. 400
// years have the same number of days whenever they begin.
const (
	unixEpochDay = 719468 // 1 January 1970
	era          = 400*365 + 97
	fourYears    = 4*365 + 1 // but for those that end most centuries
)

// Timestamp writes an instant in UTC, cut to milliseconds.
func (e Encoder) Timestamp(v time.Time) {
	unix := v.Unix()
	if unix < leastUnix || unix >= endUnix {
		e.Fail(fmt.Errorf("%w: %d", ErrTimestampRange, v.UTC().Year()))
		unix = leastUnix
	}
	day := int(unix-leastUnix) / daySeconds
	year, month, date := civil(day + unixEpochDay + leastUnix/daySeconds)
	y, second := uint32(year), uint32(int(unix-leastUnix)-day*daySeconds)
	millisecond := uint32(v.Nanosecond()) / 1e6
	b := append(e.args.B, `"0000-00-00T00:00:00.000Z"`...)
	text := b[len(b)-26:]
	putPair(text[1:], y/100)
	putPair(text[3:], y%100)
	putPair(text[6:], uint32(month))
	putPair(text[9:], uint32(date))
	putPair(text[12:], second/3600)
	putPair(text[15:], second/60%60)
	putPair(text[18:], second%60)
	text[21] += byte(millisecond / 100)
	putPair(text[22:], millisecond%100)
	e.args.B = b
}

// civil returns the date of a day since 1 March of the year 0.
func civil(day int) (year, month, date int) {
	n := uint32(day + era) // January and February of the year 0 are before its March
	n = 4*n + 3
	centuries := n / era
	n = n%era | 3 // four times the day of the century, and 3
	y := n / fourYears
	n = n % fourYears / 4 // the day of the year
	// Of five months from March or August on, 153 days; the rounding gives each its own.
	m := (5*n + 2) / 153
	date = int(n - (153*m+2)/5 + 1)
	year = int(100*centuries+y) - 400
	month = int(m) + 3
	if month > 12 {
		year, month = year+1, month-12
	}
	return year, month, date
}

// dayOf returns the day of a date since 1 March of the year 0.
func dayOf(year, month, date int) int {
	if month -= 3; month < 0 {
		year, month = year-1, month+12
	}
	leaps := (year+400)/4 - (year+400)/100 + (year+400)/400 - 97
	return 365*year + leaps + (153*month+2)/5 + date - 1
}

// canonicalInstant reads an instant as Encoder.Timestamp writes it, between its quotes.
func canonicalInstant(s []byte) (t time.Time, ok bool) {
	if len(s) != 24 || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' || s[19] != '.' || s[23] != 'Z' {
		return t, false
	}
	var n numerals
	year, month, date := n.two(s)*100+n.two(s[2:]), n.two(s[5:]), n.two(s[8:])
	hour, minute, second := n.two(s[11:]), n.two(s[14:]), n.two(s[17:])
	millisecond := n.two(s[20:])*10 + n.two([]byte{'0', s[22]})
	if n.bad || hour > 23 || minute > 59 || second > 59 || month < 1 || month > 12 || date < 1 || date > 31 {
		return t, false
	}
	day := dayOf(year, month, date)
	if date > 28 {
		if _, m, _ := civil(day); m != month {
			return t, false
		}
	}
	unix := int64(day-unixEpochDay)*daySeconds + int64(hour*3600+minute*60+second)
	return time.Unix(unix, int64(millisecond)*int64(time.Millisecond)).UTC(), true
}

// numerals reads decimal digits and remembers whether one of them was none.
type numerals struct{ bad bool }

func (n *numerals) two(s []byte) int {
	tens, ones := s[0]-'0', s[1]-'0'
	n.bad = n.bad || tens > 9 || ones > 9
	return int(tens)*10 + int(ones)
}

// Timestamp reads an instant as RFC 3339 writes it, with any offset. *v is in UTC.
func (d *Decoder) Timestamp(v *time.Time) {
	s, ok := d.text("timestamp")
	if !ok {
		return
	}
	if t, ok := canonicalInstant(s); ok {
		*v = t
		return
	}
	var t time.Time
	if err := t.UnmarshalText(s); err != nil || !isRFC3339(s) {
		d.report(`must be a timestamp such as "2006-01-02T15:04:05.000Z"`)
		return
	}
	t = t.UTC()
	if year := t.Year(); year < 0 || year > 9999 { // the offset moved it there: nobody could write it in UTC
		d.report("must be a timestamp of the years 0 to 9999 in UTC")
		return
	}
	*v = t
}

// isRFC3339 tells whether s, which package time has parsed, also has what that
// package lets pass: two digits for the hour, a point before the fraction, and
// an offset below a day.
func isRFC3339(s []byte) bool {
	if len(s) < len("2006-01-02T15:04:05Z") || s[13] != ':' || bytes.IndexByte(s, ',') >= 0 {
		return false
	}
	if s[len(s)-1] == 'Z' {
		return true
	}
	offset := s[len(s)-len("07:00"):]
	return string(offset[:2]) < "24" && string(offset[3:]) < "60"
}
