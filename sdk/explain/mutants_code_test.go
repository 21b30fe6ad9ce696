package explain_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mutantsOf returns all mutants of a file, numbered from first.
func mutantsOf(t *testing.T, name string, first int) []codeMutant {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, nil, parser.ParseComments)
	require.NoError(t, err)
	var (
		all    []codeMutant
		within *ast.FuncDecl
		place  int
	)

	write := func(pos token.Pos, change string, args ...any) {
		all = append(all, codeMutant{
			file:   name,
			at:     set.Position(pos).String(),
			change: fmt.Sprintf(change, args...),
			number: first + len(all),
		})

		last := &all[len(all)-1]
		if within != nil && dispatch(within, 0) != "" {
			name, doc := within.Name.Name, within.Doc
			within.Name.Name, within.Doc = mutantName(name, last.number), nil
			last.within, last.function = place, printed(t, set, within)
			within.Name.Name, within.Doc = name, doc
		} else {
			last.code = []byte(printed(t, set, file))
		}
	}

	without := func(list []ast.Stmt) {
		for i, statement := range list {
			switch statement := statement.(type) {
			case *ast.ExprStmt, *ast.IncDecStmt:
			case *ast.AssignStmt:
				if statement.Tok == token.DEFINE {
					continue
				}

			default:
				continue
			}

			list[i] = &ast.EmptyStmt{Semicolon: statement.Pos()}
			write(statement.Pos(), "a statement is gone")
			list[i] = statement
		}
	}

	visit := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			for _, op := range operators[n.Op] {
				was := n.Op
				n.Op = op
				write(n.OpPos, "%s becomes %s", was, op)
				n.Op = was
			}

		case *ast.IfStmt:
			was := n.Cond
			for _, value := range []string{"true", "false"} {
				if n.Init == nil {
					n.Cond = &ast.BinaryExpr{X: &ast.ParenExpr{X: was}, Op: shortcut(value),
						Y: ast.NewIdent(value)}
					write(n.Pos(), "the condition becomes %s", value)
				}
			}

			n.Cond = was

		case *ast.CaseClause:
			for i := range n.List {
				was := n.List[i]
				n.List[i] = &ast.BinaryExpr{X: &ast.ParenExpr{X: was}, Op: token.LAND,
					Y: ast.NewIdent("false")}
				write(was.Pos(), "a case is gone")
				n.List[i] = was
			}

			without(n.Body)

		case *ast.UnaryExpr:
			if n.Op == token.NOT {
				was := n.X
				n.X = &ast.UnaryExpr{Op: token.NOT, X: &ast.ParenExpr{X: was}}
				write(n.Pos(), "! is gone")
				n.X = was
			}

		case *ast.BlockStmt:
			without(n.List)
		case *ast.BasicLit:
			if n.Kind == token.INT {
				was := n.Value
				n.Value = was + "+1"
				write(n.Pos(), "%s becomes one more", was)
				n.Value = was
			}
		}

		return true
	}

	for at, declaration := range file.Decls {
		place = at
		within, _ = declaration.(*ast.FuncDecl)
		ast.Inspect(declaration, visit)
	}

	return all
}

// printed returns the text of a declaration or file.
func printed(t *testing.T, set *token.FileSet, node any) string {
	t.Helper()
	var code bytes.Buffer
	require.NoError(t, format.Node(&code, set, node))
	return code.String()
}

// dispatch returns the case in which a function calls its mutant with a number.
// It is empty for a function with an unnamed parameter.
func dispatch(function *ast.FuncDecl, number int) string {
	call := mutantName(function.Name.Name, number)
	if function.Recv != nil {
		if len(function.Recv.List[0].Names) == 0 {
			return ""
		}

		call = function.Recv.List[0].Names[0].Name + "." + call
	}

	var arguments []string
	for _, field := range function.Type.Params.List {
		if len(field.Names) == 0 {
			return ""
		}

		for _, name := range field.Names {
			argument := name.Name
			if _, variadic := field.Type.(*ast.Ellipsis); variadic {
				argument += "..."
			}

			arguments = append(arguments, argument)
		}
	}

	call += "(" + strings.Join(arguments, ", ") + ")"
	if function.Type.Results == nil {
		return fmt.Sprintf("case %d: %s; return", number, call)
	}

	return fmt.Sprintf("case %d: return %s", number, call)
}

// mutantName returns the name of a function in a mutant.
func mutantName(function string, number int) string {
	return fmt.Sprintf("%sMutant%d", function, number)
}

func shortcut(value string) token.Token {
	if value == "true" {
		return token.LOR
	}
	return token.LAND
}

// operators maps an operator to its replacements.
var operators = map[token.Token][]token.Token{
	token.EQL:  {token.NEQ},
	token.NEQ:  {token.EQL},
	token.LSS:  {token.LEQ, token.GEQ},
	token.LEQ:  {token.LSS, token.GTR},
	token.GTR:  {token.GEQ, token.LEQ},
	token.GEQ:  {token.GTR, token.LSS},
	token.LAND: {token.LOR},
	token.LOR:  {token.LAND},
	token.ADD:  {token.SUB},
	token.SUB:  {token.ADD},
}
