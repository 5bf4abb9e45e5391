package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/keysmith-go/keysmith/keygen"
)

// errForeign is a license that has the id of an order's and is not what the order
// asks for.
var errForeign = errors.New("the order has another license already")

// errMidway is an order of which nobody knows whether it has a license.
var errMidway = errors.New("the vendor's answer was lost, and no license is found so far")

// Failures is the file of the rows that failed, begun anew by every run, and not
// there when nothing failed.
type Failures struct {
	path string
	file *os.File
}

// NewFailures removes what the run before has written.
func NewFailures(path string) (*Failures, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return &Failures{path: path}, nil
}

// Append writes why an order has no license, and what to do.
func (f *Failures) Append(order Order, reason error) error {
	var records [][]string
	if f.file == nil {
		file, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return err
		}
		f.file = file
		records = append(records, []string{"line", "order_id", "failure", "what_to_do"})
	}
	records = append(records, []string{strconv.Itoa(order.Line), order.ID, reason.Error(), advice(reason)})
	if err := csv.NewWriter(f.file).WriteAll(records); err != nil {
		return fmt.Errorf("%s: %w", f.path, err)
	}
	return nil
}

// Close closes the file, if there is one.
func (f *Failures) Close() error {
	if f.file == nil {
		return nil
	}
	return f.file.Close()
}

// advice is what somebody can do about a failure.
func advice(err error) string {
	var e *keygen.Error
	switch {
	case errors.Is(err, errForeign):
		return "If this is another order, give it an order_id of its own; if it is the same, there is nothing to do: take its row out."
	case errors.Is(err, errMidway):
		return "Run this again: it looks for the license before it issues one."
	case errors.Is(err, keygen.ErrKeyTaken), errors.Is(err, keygen.ErrKeyConflict):
		return "Another license has this key: give the row another one, or none to let the vendor make it."
	case errors.Is(err, keygen.ErrConflict):
		return "Run this again. If that does not help, a license has the same key as the next one in the policy's pool: delete that one from the pool."
	case errors.Is(err, keygen.ErrInvalid), errors.Is(err, keygen.ErrNotFound):
		return "Mend the row, and run this again."
	case errors.As(err, &e) && e.Temporary():
		return "Run this again when the vendor is well: nothing was issued."
	default:
		return "Run this again. If that does not help, tell the vendor."
	}
}

// stopsAll reports whether an error would meet every other order as well, so that
// to go on is no use.
func stopsAll(err error) bool {
	for _, kind := range []error{
		keygen.ErrUnauthorized, keygen.ErrForbidden, keygen.ErrAccountNotFound, keygen.ErrRateLimited, keygen.ErrPoolEmpty,
	} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}
