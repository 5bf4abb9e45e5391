package wire

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Integer reads a whole number as vendors really write it: as a number, with
// an empty fraction or an exponent too, or as text. It writes a number.
type Integer int64

// UnmarshalJSON reads a number; null leaves it as it is.
func (n *Integer) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	digits := string(data)
	if strings.HasPrefix(digits, `"`) {
		digits = Text(data)
	}
	whole, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		if whole, err = integral(digits); err != nil {
			return err
		}
	}
	*n = Integer(whole)
	return nil
}

// integral reads forms of whole numbers that have more than digits. Beyond
// 2^53 these are rounded, so that no number is surely meant.
func integral(text string) (int64, error) {
	const exact = 1 << 53
	var f *float64 // null in a text is no number either
	if json.Unmarshal([]byte(text), &f) != nil || f == nil || *f != math.Trunc(*f) || math.Abs(*f) > exact {
		return 0, fmt.Errorf("%.40q is not a whole number", text)
	}
	return int64(*f), nil
}
