//! Tables: aligned and cut to the width of a terminal, tab-separated and whole in a pipe.

use comfy_table::{ContentArrangement, presets};
use unicode_width::UnicodeWidthStr as _;

use super::View;
use super::style::Role;
use super::text::{cut, one_line};

/// The width in columns below which a title says too little.
const COMFORTABLE: usize = 24;

/// Rows with headings. One column may be cut on a terminal.
pub(crate) struct Table {
    headings: Vec<&'static str>,
    /// The column that is cut on a narrow terminal.
    elastic: usize,
    /// The column that is dropped before the elastic one gets too narrow.
    spare: Option<usize>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table. `elastic` is the index of the column that is cut first.
    pub(crate) fn new(headings: &[&'static str], elastic: usize) -> Self {
        Self { headings: headings.to_vec(), elastic, spare: None, rows: Vec::new() }
    }

    /// Sets the column that is dropped on a narrow terminal.
    #[must_use]
    pub(crate) fn spare(mut self, column: usize) -> Self {
        self.spare = Some(column);
        self
    }

    /// Adds a row; the cells are cleaned.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|cell| one_line(&cell)).collect());
    }

    /// Renders the table for `view`. A pipe gets no headings, and an empty table is empty.
    pub(crate) fn render(self, view: &View) -> String {
        match view.width {
            Some(width) => self.for_terminal(width, view.color),
            None => self.for_pipe(),
        }
    }

    fn for_pipe(&self) -> String {
        self.rows.iter().map(|row| row.join("\t") + "\n").collect()
    }

    fn for_terminal(mut self, width: usize, color: bool) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        self.shrink(width);
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(self.headings.clone());
        table.add_rows(self.rows);
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        let mut text = String::new();
        for (index, line) in table.lines().enumerate() {
            let line = cut(line.trim_end(), width);
            text += &if index == 0 { Role::Heading.paint(&line, color) } else { line };
            text.push('\n');
        }
        text
    }

    /// Cuts the elastic column to the room that the others leave of `width`.
    fn shrink(&mut self, width: usize) {
        let wanted = self.widths()[self.elastic].min(COMFORTABLE);
        if let Some(column) = self.spare.filter(|_| self.room(width) < wanted) {
            self.drop_column(column);
        }
        let room = self.room(width).max(self.headings[self.elastic].width());
        for row in &mut self.rows {
            row[self.elastic] = cut(&row[self.elastic], room);
        }
    }

    /// The room that the other columns leave of `width`.
    fn room(&self, width: usize) -> usize {
        let widths = self.widths();
        let others: usize = widths.iter().sum::<usize>() - widths[self.elastic];
        width.saturating_sub(others + 2 * (widths.len() - 1))
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths: Vec<usize> = self.headings.iter().map(|heading| heading.width()).collect();
        for row in &self.rows {
            for (column, cell) in row.iter().enumerate() {
                widths[column] = widths[column].max(cell.width());
            }
        }
        widths
    }

    fn drop_column(&mut self, column: usize) {
        self.headings.remove(column);
        for row in &mut self.rows {
            row.remove(column);
        }
        self.elastic -= usize::from(column < self.elastic);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&["ID", "TITLE", "UPDATED"], 1);
        table.row(["c-1".into(), "Trip\tto 北京 and\nback \u{1b}[31mred".into(), "today".into()]);
        table.row(["c-22".into(), "x".into(), "yesterday".into()]);
        table
    }

    fn view(width: Option<usize>) -> View {
        View { width, ..View::default() }
    }

    #[test]
    fn a_pipe_gets_whole_tab_separated_cells() {
        assert_eq!(
            table().render(&view(None)),
            "c-1\tTrip to 北京 and back red\ttoday\nc-22\tx\tyesterday\n"
        );
    }

    #[test]
    fn a_terminal_gets_columns_that_fit() {
        assert_eq!(
            table().render(&view(Some(33))),
            "ID    TITLE             UPDATED\n\
             c-1   Trip to 北京 an…  today\n\
             c-22  x                 yesterday\n"
        );
    }

    #[test]
    fn a_narrow_terminal_drops_the_spare_column() {
        let text = table().spare(2).render(&view(Some(33)));
        assert_eq!(text.lines().next(), Some("ID    TITLE"));
        assert!(text.contains("Trip to 北京 and back red"), "{text}");
        assert!(table().spare(2).render(&view(Some(80))).contains("yesterday"));
    }

    #[test]
    fn lines_fit_any_width() {
        for width in 1..60 {
            let text = table().render(&view(Some(width)));
            assert!(text.lines().all(|line| line.width() <= width), "{width}: {text}");
        }
    }

    #[test]
    fn an_empty_table_is_empty_text() {
        assert_eq!(Table::new(&["ID"], 0).render(&view(Some(80))), "");
        assert_eq!(Table::new(&["ID"], 0).render(&view(None)), "");
    }
}
