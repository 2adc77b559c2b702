"""Coursework: exercises beside the chapters, handed out without their solutions.

- `exercises`: the source notebooks, run and scored
- `handout`: the students' notebooks, by nbgrader
- `package`: the zip that students get
- `student_edition`: the book's sources without solutions
"""
