package schema

import "strings"

// WithoutSettings leaves out the settings of a CREATE TABLE statement that the server does not know.
func (s Statement) WithoutSettings(known func(name string) bool) Statement {
	for _, name := range s.Settings() {
		if !known(name) {
			s = newStatement(s.replaceSetting(name, ""))
		}
	}
	return s
}

// Settings are the names of the settings that a CREATE TABLE statement sets.
func (s Statement) Settings() []string {
	var names []string
	for _, at := range s.settingsAt() {
		names = append(names, s.at(at[0]))
	}
	return names
}

// settingsAt finds the settings of a CREATE TABLE statement: each from one token up to another.
func (s Statement) settingsAt() [][2]int {
	if kind, _ := s.creates(); kind != "TABLE" {
		return nil
	}
	t, err := s.table()
	if err != nil || t.settings == 0 {
		return nil
	}
	var found [][2]int
	start := t.settings + 1
	for i := start; i <= t.settingsEnd; i++ {
		if i == t.settingsEnd || s.at(i) == "," && s.tokens[i].Depth == 0 {
			found = append(found, [2]int{start, i})
			start = i + 1
		}
	}
	return found
}

// replaceSetting puts other settings, or none, in the place of one.
func (s Statement) replaceSetting(name, with string) string {
	var kept []string
	all := s.settingsAt()
	for _, at := range all {
		switch text := s.text(at[0], at[1]); {
		case s.at(at[0]) != name:
			kept = append(kept, text)
		case with != "":
			kept = append(kept, with)
		}
	}
	if len(all) == 0 {
		return s.SQL
	}
	start, end := s.tokens[all[0][0]-1].Start, s.tokens[all[len(all)-1][1]-1].End
	if len(kept) == 0 {
		return strings.TrimSpace(s.SQL[:start]) + s.SQL[end:]
	}
	return s.apply([]edit{{start, end, "SETTINGS " + strings.Join(kept, ", ")}})
}
