package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Order is one row of the orders: one license that a customer gets.
type Order struct {
	Line int // in the file, for people

	ID       string        // column order_id: occurs once
	PolicyID string        // column policy: a UUID
	Validity time.Duration // column days; 0 = as long as the policy says
	Key      string        // column key: what the customer has already; "" = the vendor makes one
}

// Name is the license's name at the vendor, for the people who look there.
func (o Order) Name() string { return "order " + o.ID }

// LicenseID makes a UUID of the account and the order, always the same one. It is
// how a license is found again, even if everything else is lost.
func (o Order) LicenseID(accountID string) string {
	id := sha256.Sum256([]byte(accountID + " " + o.Name()))
	id[6] = id[6]&0x0f | 0x80 // version 8: made in a way of one's own
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:16])
}

// columns are those that a file of orders may have, in any order.
var columns = []string{"order_id", "policy", "days", "key"}

const (
	day         = 24 * time.Hour
	mostDays    = 36500
	longestID   = 100
	shortestKey = 6
	longestKey  = 16384
)

var uuid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// ReadOrders reads all orders, or none: an error tells of everything that is wrong
// with the file, with the line and the column (counted in bytes) of each.
func ReadOrders(name string, file io.Reader) ([]Order, error) {
	r := &reader{name: name, csv: csv.NewReader(withoutMark(file)), first: map[string]int{}}
	r.csv.FieldsPerRecord = -1 // told by the reader below, for all rows
	header, err := r.csv.Read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%s is empty: its first line has to name the columns order_id and policy, and days and key if there are any", name)
	case err != nil:
		return nil, r.broken(err)
	}
	r.readHeader(header)
	if len(r.wrong) > 0 {
		return nil, errors.Join(r.wrong...) // without columns, nothing can be told about rows
	}
	var orders []Order
	for {
		record, err := r.csv.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil { // where a quotation has gone wrong, nobody knows where the next row begins
			return nil, errors.Join(append(r.wrong, r.broken(err))...)
		}
		orders = append(orders, r.readRow(record))
	}
	if len(orders) == 0 {
		r.wrong = append(r.wrong, fmt.Errorf("%s has no orders below its first line", name))
	}
	if len(r.wrong) > 0 {
		return nil, errors.Join(r.wrong...)
	}
	return orders, nil
}

// withoutMark leaves out the mark that some spreadsheets begin a file with.
func withoutMark(file io.Reader) io.Reader {
	buffered := bufio.NewReader(file)
	if mark, _ := buffered.Peek(3); string(mark) == "\xef\xbb\xbf" {
		_, _ = buffered.Discard(3)
	}
	return buffered
}

// reader reads one file and remembers what was wrong.
type reader struct {
	name   string
	csv    *csv.Reader
	header []string
	first  map[string]int // the line in which an order id or a key was seen first
	wrong  []error
}

// complain notes what is wrong with a field of the record that was read last.
func (r *reader) complain(field int, format string, args ...any) {
	line, column := r.csv.FieldPos(field)
	r.wrong = append(r.wrong, fmt.Errorf("%s:%d:%d: %s", r.name, line, column, fmt.Sprintf(format, args...)))
}

// broken tells where the file is no CSV any more.
func (r *reader) broken(err error) error {
	var e *csv.ParseError
	if errors.As(err, &e) {
		return fmt.Errorf("%s:%d:%d: %w", r.name, e.Line, e.Column, e.Err)
	}
	return fmt.Errorf("%s: %w", r.name, err)
}

func (r *reader) readHeader(header []string) {
	for field, name := range header {
		switch {
		case !slices.Contains(columns, name):
			r.complain(field, "%q is no column: there are %s, with commas between them", name, strings.Join(columns, ", "))
		case slices.Contains(header[:field], name):
			r.complain(field, "the column %s is there twice", name)
		}
	}
	for _, name := range columns[:2] {
		if !slices.Contains(header, name) {
			r.complain(0, "the column %s is missing", name)
		}
	}
	r.header = header
}

func (r *reader) readRow(record []string) Order {
	line, _ := r.csv.FieldPos(0)
	order := Order{Line: line}
	if len(record) != len(r.header) {
		r.complain(0, "%d fields, where the first line names %d", len(record), len(r.header))
		return order
	}
	for field, value := range record {
		switch r.header[field] {
		case "order_id":
			order.ID = value
			r.checkID(field, value)
		case "policy":
			order.PolicyID = strings.ToLower(value)
			if !uuid.MatchString(order.PolicyID) {
				r.complain(field, "policy: %q is no id of a policy, which is a UUID", value)
			}
		case "days":
			order.Validity = r.readDays(field, value)
		case "key":
			order.Key = value
			r.checkKey(field, value)
		}
	}
	return order
}

func (r *reader) checkID(field int, id string) {
	switch {
	case id == "":
		r.complain(field, "order_id is empty")
	case len(id) > longestID:
		r.complain(field, "order_id has more than %d characters", longestID)
	case strings.TrimSpace(id) != id || strings.ContainsFunc(id, unicode.IsControl) || !utf8.ValidString(id):
		r.complain(field, "order_id: %q has blanks around it, or something in it that cannot be read", id)
	default:
		r.checkFirst(field, "order_id", id)
	}
}

func (r *reader) readDays(field int, value string) time.Duration {
	if value == "" {
		return 0
	}
	days, err := strconv.Atoi(value)
	if err != nil || days < 1 || days > mostDays {
		r.complain(field, "days: %q is no whole number from 1 to %d; leave it empty for as long as the policy says", value, mostDays)
	}
	return time.Duration(days) * day
}

// checkKey complains without showing the key.
func (r *reader) checkKey(field int, key string) {
	switch length := utf8.RuneCountInString(key); {
	case key == "":
	case length < shortestKey || length > longestKey:
		r.complain(field, "key has %d characters, and may have %d to %d", length, shortestKey, longestKey)
	case strings.ContainsFunc(key, unicode.IsControl) || !utf8.ValidString(key):
		r.complain(field, "key has something in it that cannot be read, such as the end of a line")
	default:
		r.checkFirst(field, "key", key)
	}
}

// checkFirst complains about a value that an earlier row has already.
func (r *reader) checkFirst(field int, column, value string) {
	line, _ := r.csv.FieldPos(field)
	if before, seen := r.first[column+" "+value]; seen {
		r.complain(field, "%s is the same as in line %d", column, before)
		return
	}
	r.first[column+" "+value] = line
}
