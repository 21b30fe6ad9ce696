package explain

// Rows returns all rows of all tables, as program and instruction.
func Rows() []string {
	var rows []string
	for _, p := range programs() {
		for _, s := range p.instructions {
			rows = append(rows, p.name+" "+s.table.Name)
		}
	}
	return rows
}
