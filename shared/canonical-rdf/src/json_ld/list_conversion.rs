//! `@list`, and the list to RDF conversion algorithm (JSON-LD 1.1 API, section 8.3).

use std::sync::Arc;

use super::{
    Expander, Stop,
    context::Context,
    expansion::{Graph, Kind, Object, Place, Property, Shape, Wrap},
};
use crate::{Fault, json::Json};

impl<'d> Expander<'d> {
    /// Step 13.4.11: `@list`.
    pub(super) fn list_object(
        &mut self,
        context: &Arc<Context<'d>>,
        property: Property<'_, 'd>,
        list: Json<'d>,
        place: Place<'d>,
    ) -> Result<Shape, Stop> {
        if property.is_free_floating() || place.wrap != Wrap::Not {
            self.drop(list, Fault::Dropped("a list that belongs to no property"));
            return Ok(Shape::Null);
        }
        let start = self.objects.len();
        let inside = Place {
            in_list: true,
            ..Place::inside(place.graph)
        };
        self.element(context, property, list, inside)?;
        self.make_list(start, list, place.graph)?;
        Ok(Shape::One)
    }

    /// List conversion (section 8.3) of the objects from `start` on, which the list replaces.
    pub(super) fn make_list(&mut self, start: usize, at: Json<'d>, graph: Graph) -> Result<(), Stop> {
        let first = self.vocabulary(RDF_FIRST, at)?;
        let rest = self.vocabulary(RDF_REST, at)?;
        let mut tail = self.vocabulary(RDF_NIL, at)?;
        for index in (start..self.objects.len()).rev() {
            let object = self.objects[index];
            let blank = self.blank(object.json)?;
            self.emit(Some(blank), first, object.term, graph, at)?;
            self.emit(Some(blank), rest, Some(tail), graph, at)?;
            tail = blank;
        }
        self.objects.truncate(start);
        self.objects.push(Object {
            term: Some(tail),
            kind: Kind::List,
            json: at,
        });
        Ok(())
    }
}

const RDF_FIRST: &str = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#first>";
const RDF_REST: &str = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#rest>";
const RDF_NIL: &str = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#nil>";
