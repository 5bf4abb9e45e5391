package core

import "slices"

// Table is the behaviour table of one vendor. Declaring a rule enters it, so
// that a world cannot name a rule that is not in the table.
type Table struct {
	vendor string
	rows   []Behaviour
}

// NewTable returns the empty table of a vendor.
func NewTable(vendor string) *Table { return &Table{vendor: vendor} }

// Rule enters a rule and returns its id, which begins with the vendor's name.
func (t *Table) Rule(source Source, id, statement string) string {
	id = t.vendor + "." + id
	t.rows = append(t.rows, Behaviour{ID: id, Statement: statement, Source: source})
	return id
}

// Behaviours lists the rules in the order of their declaration.
func (t *Table) Behaviours() []Behaviour { return slices.Clone(t.rows) }
