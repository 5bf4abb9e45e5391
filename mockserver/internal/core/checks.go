package core

import (
	"fmt"
	"strconv"
	"strings"
)

// Input is one field of a request with its three states: absent, null, given.
type Input[T any] struct {
	Sent  bool // in the document, null or not
	Given bool // with a value
	Value T
}

// Null reports whether the field was sent without a value.
func (in Input[T]) Null() bool { return in.Sent && !in.Given }

// Assign takes a field over, if it was sent; null is the zero value.
func Assign[T any](to *T, in Input[T]) {
	if in.Sent {
		*to = in.Value
	}
}

// Problem is one thing that is wrong with the content of a request.
type Problem struct {
	Field   string
	Message string // goes on from the field: "must be at least 1"
	Rule    string // the behaviour that says so
}

// Checks gathers all that is wrong with the content of a request.
type Checks struct {
	Turn     *Turn
	Problems []Problem
}

// Wrong notes what is wrong with a field, and the rule that says so.
func (c *Checks) Wrong(field, rule, format string, args ...any) {
	c.Problems = append(c.Problems, Problem{Field: field, Message: fmt.Sprintf(format, args...), Rule: rule})
}

// Range is what an integer may be, and the rule that says so.
type Range struct {
	Min, Max int64
	Rule     string
}

// InRange notes an integer that is out of its range.
func (c *Checks) InRange(field string, n int64, allowed Range) bool {
	switch {
	case n < allowed.Min:
		c.Wrong(field, allowed.Rule, "must be at least %d", allowed.Min)
	case n > allowed.Max:
		c.Wrong(field, allowed.Rule, "must be at most %d", allowed.Max)
	default:
		return true
	}
	return false
}

// Item names an item of a list field.
func Item(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

// IsSlug reports whether a text can stand in a path as it is: it consists of
// lower-case letters, digits and dashes, and does not begin with one of these.
func IsSlug(s string) bool {
	return s != "" && s[0] != '-' && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// IsDigits reports whether a text consists of decimal digits, and of one at
// least.
func IsDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
