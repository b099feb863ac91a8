package schema

import (
	"fmt"
	"strings"
)

const referenceHead = `# Schema

Made by ` + "`go generate ./store/schema`" + ` from the files in [store/schema](../store/schema): what is wrong here
is wrong there. How to create, keep and move a store is in [store.md](store.md).
`

// Reference describes the tables and views, as Markdown.
func Reference(migrations []Migration) (string, error) {
	tables, err := Tables(migrations)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(referenceHead)
	for _, m := range migrations {
		for _, s := range m.Statements {
			kind, name := s.creates()
			switch kind {
			case "TABLE":
				for _, t := range tables {
					if t.Name == s.at(name) {
						t.describe(&b, m.File)
					}
				}
			case "VIEW":
				describeView(&b, m, s, name)
			}
		}
	}
	return b.String(), nil
}

func (t Table) describe(b *strings.Builder, file string) {
	fmt.Fprintf(b, "\n## %s\n\n%s\n\n", t.Name, wrap(t.Comment))
	fmt.Fprintf(b, "| [%s](../store/schema/%[1]s) | |\n|---|---|\n", file)
	fmt.Fprintf(b, "| fed by | %s |\n", t.feeds())
	engine := t.Engine
	if t.Version != "" {
		engine += "(" + t.Version + ")"
	}
	fmt.Fprintf(b, "| engine | %s |\n", code(engine))
	fmt.Fprintf(b, "| sort key | %s |\n", code(t.SortKey))
	if t.Partition != "" {
		fmt.Fprintf(b, "| partition | %s |\n", code(t.Partition))
	}
	fmt.Fprintf(b, "| rows are kept | %s |\n", t.kept())
	b.WriteString("\n| column | type | |\n|---|---|---|\n")
	for _, c := range t.Columns {
		fmt.Fprintf(b, "| %s | %s | %s |\n", code(c.Name), code(c.Type), c.note())
	}
}

func (t Table) feeds() string {
	if len(t.FedBy) == 0 {
		return "the exporter"
	}
	feeds := make([]string, len(t.FedBy))
	for i, f := range t.FedBy {
		feeds[i] = fmt.Sprintf("`%s`, which reads [%s](#%[2]s)", f.View, f.From)
	}
	return strings.Join(feeds, "; ")
}

func (t Table) kept() string {
	m := age.FindStringSubmatch(t.TTL)
	if m == nil {
		return "for ever"
	}
	return fmt.Sprintf("%s %ss from `%s` on, unless [set otherwise](store.md#retention)",
		m[3], strings.ToLower(m[2]), m[1])
}

func (c Column) note() string {
	note := strings.ReplaceAll(c.Comment, "|", `\|`)
	if c.Materialized == "" {
		return note
	}
	return strings.TrimPrefix(note+". Computed, not in `SELECT *`", ". ")
}

func describeView(b *strings.Builder, m Migration, s Statement, name int) {
	fmt.Fprintf(b, "\n## %s\n\n%s\n\n", s.at(name), wrap(m.Comment))
	fmt.Fprintf(b, "A view: [%s](../store/schema/%[1]s)\n", m.File)
}

// code is for a table's cell.
func code(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "( ", "("), " )", ")")
	return "`" + strings.ReplaceAll(s, "|", `\|`) + "`"
}

const lineWidth = 120

// wrap breaks a text into lines.
func wrap(text string) string {
	var b strings.Builder
	width := 0
	for _, word := range strings.Fields(text) {
		size := len([]rune(word))
		switch {
		case width == 0:
		case width+1+size > lineWidth:
			b.WriteByte('\n')
			width = 0
		default:
			b.WriteByte(' ')
			width++
		}
		b.WriteString(word)
		width += size
	}
	return b.String()
}
