package keycrate

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/keysmith-go/keysmith/internal/transport"
)

// Duration is how long a license runs: a number of units, or for ever. Make
// one with [Minutes], [Hours], [Days], [Months] or [Years], or take [Lifetime].
// The zero Duration is none and is refused where one is required.
//
// The vendor counts a month as 30 days and a year as 365 (so it is understood;
// it does not say so). Time is added later with [LicensesService.Extend], which
// takes a time.Duration.
//
// Durations of equal unit and value are equal under ==; Days(30) and Months(1)
// are not. A Duration is stored as a text such as "7 days".
type Duration struct {
	unit  DurationUnit
	value int
}

// DurationUnit is what a Duration counts in, as the vendor spells it. In a
// license read from the vendor it may be one that this package does not know.
type DurationUnit string

// The units of a Duration. UnitLifetime has no value.
const (
	UnitMinutes  DurationUnit = "minutes"
	UnitHours    DurationUnit = "hours"
	UnitDays     DurationUnit = "days"
	UnitMonths   DurationUnit = "months"
	UnitYears    DurationUnit = "years"
	UnitLifetime DurationUnit = "lifetime"
)

// Minutes returns a Duration of n minutes. Like those of the other units, it is
// refused by the call it is used in if n is less than 1.
func Minutes(n int) Duration { return Duration{UnitMinutes, n} }

// Hours returns a Duration of n hours.
func Hours(n int) Duration { return Duration{UnitHours, n} }

// Days returns a Duration of n days of 24 hours.
func Days(n int) Duration { return Duration{UnitDays, n} }

// Months returns a Duration of n months.
func Months(n int) Duration { return Duration{UnitMonths, n} }

// Years returns a Duration of n years.
func Years(n int) Duration { return Duration{UnitYears, n} }

// Lifetime is the Duration of a license that never expires.
var Lifetime = Duration{unit: UnitLifetime}

// Unit returns what the Duration counts in; "" for the zero Duration.
func (d Duration) Unit() DurationUnit { return d.unit }

// Value returns how many units there are; 0 for [Lifetime].
func (d Duration) Value() int { return d.value }

// IsZero reports whether there is no Duration.
func (d Duration) IsZero() bool { return d == Duration{} }

// String returns a text such as "7 days", "lifetime" or, for the zero Duration,
// "none".
func (d Duration) String() string {
	switch {
	case d.IsZero():
		return "none"
	case d.unit == UnitLifetime:
		return string(d.unit)
	default:
		return strings.TrimSpace(strconv.Itoa(d.value) + " " + string(d.unit))
	}
}

// MarshalText encodes [Duration.String], and the zero Duration as an empty text.
func (d Duration) MarshalText() ([]byte, error) {
	if d.IsZero() {
		return nil, nil
	}
	return []byte(d.String()), nil
}

// UnmarshalText decodes what MarshalText encodes.
func (d *Duration) UnmarshalText(text []byte) error {
	s := string(text)
	switch s {
	case "":
		*d = Duration{}
		return nil
	case string(UnitLifetime):
		*d = Lifetime
		return nil
	}
	number, unit, _ := strings.Cut(s, " ")
	value, err := strconv.Atoi(number)
	if err != nil {
		return fmt.Errorf("keycrate: %s is no duration such as 7 days", transport.Quote(s))
	}
	*d = Duration{DurationUnit(unit), value}
	return nil
}

// check tells what is wrong with a Duration that is about to be sent.
func (d Duration) check() string {
	switch d.unit {
	case UnitMinutes, UnitHours, UnitDays, UnitMonths, UnitYears:
		if d.value < 1 {
			return fmt.Sprintf("%v is no duration: at least 1 is required, or Lifetime", d)
		}
	case UnitLifetime:
	case "":
		return "a duration is required, such as Days(30) or Lifetime"
	default:
		return fmt.Sprintf("the vendor knows no unit %s: use one such as Days", transport.Quote(string(d.unit)))
	}
	return ""
}
